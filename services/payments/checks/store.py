"""How the books are added up again, and the rows of what came of it.

Each question gives a thing, its sum as it is kept, and the same counted again; it is answered by
one statement, so that both sums are of one moment.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.checks.domain import Check, Difference
from services.payments.checks.tables import BOOK_CHECKS
from services.payments.store import insert_rows

DIFFERENCES_KEPT_MAX = 100

_MONTHS = """
    SELECT coalesce(m.pupil_ref, l.pupil_ref) || '/' || coalesce(m.month, l.month) AS thing,
           m.{what}_cents AS kept, coalesce(l.cents, 0) AS counted
    FROM pupil_months m FULL JOIN (
        SELECT pupil_ref, month, sum({what}_cents) AS cents FROM entitlements
        WHERE under_ceiling GROUP BY pupil_ref, month
    ) l ON l.pupil_ref = m.pupil_ref AND l.month = m.month
"""
_FILES = """
    SELECT f.file_id AS thing, f.{what} AS kept, coalesce(o.{what}, 0) AS counted
    FROM bank_files f LEFT JOIN (
        SELECT file_id, sum(cents) AS cents, count(*) AS payments FROM orders
        WHERE file_id IS NOT NULL GROUP BY file_id
    ) o USING (file_id)
"""
QUESTIONS = {
    "months-reserved": _MONTHS.format(what="reserved"),
    "months-ordered": _MONTHS.format(what="ordered"),
    "months-shared": """
        SELECT m.pupil_ref || '/' || m.month AS thing, m.cap_cents - m.elsewhere_cents AS kept,
               least(m.cap_cents - m.elsewhere_cents,
                     CASE WHEN m.begun_here THEN m.cap_cents ELSE 0 END
                     + coalesce(g.cents, 0)) AS counted
        FROM pupil_months m LEFT JOIN (
            SELECT pupil_ref, month,
                   sum(CASE WHEN source = :own THEN -cents ELSE cents END) AS cents
            FROM month_gifts GROUP BY pupil_ref, month
        ) g USING (pupil_ref, month)
    """,
    "lines-ordered": """
        SELECT concat_ws('/', coalesce(e.plan_id, o.plan_id),
                         coalesce(e.measure_id, o.measure_id), coalesce(e.month, o.month)) AS thing,
               e.ordered_cents AS kept, coalesce(o.cents, 0) AS counted
        FROM entitlements e FULL JOIN (
            SELECT plan_id, measure_id, month, sum(cents - recovered_cents) AS cents FROM orders
            WHERE plan_id IS NOT NULL AND state NOT IN ('returned', 'cancelled')
            GROUP BY plan_id, measure_id, month
        ) o ON o.plan_id = e.plan_id AND o.measure_id = e.measure_id AND o.month = e.month
    """,
    "allocations-spoken-for": """
        SELECT coalesce(a.partner, l.partner) || '/' || coalesce(a.semester, l.semester) AS thing,
               a.spoken_for_cents AS kept, coalesce(l.cents, 0) AS counted
        FROM allocations a FULL JOIN (
            SELECT p.partner, p.semester, sum(e.reserved_cents + e.ordered_cents) AS cents
            FROM plans p JOIN entitlements e USING (plan_id) GROUP BY p.partner, p.semester
        ) l ON l.partner = a.partner AND l.semester = a.semester
    """,
    "allocations-allocated": """
        WITH approved AS (
            SELECT a.* FROM allocation_acts a JOIN allocation_decisions d USING (act_id)
            WHERE d.decision = 'approved' AND a.kind <> 'yearly_maximum'
        ), changes AS (
            SELECT partner, semester,
                   CASE WHEN kind IN ('decrease', 'transfer') THEN -cents ELSE cents END AS cents
            FROM approved
            UNION ALL SELECT to_partner, to_semester, cents FROM approved WHERE kind = 'transfer'
        )
        SELECT coalesce(a.partner, c.partner) || '/' || coalesce(a.semester, c.semester) AS thing,
               a.allocated_cents AS kept, c.cents AS counted
        FROM allocations a FULL JOIN (
            SELECT partner, semester, sum(cents) AS cents FROM changes GROUP BY partner, semester
        ) c ON c.partner = a.partner AND c.semester = a.semester
    """,
    "years-allocated": """
        SELECT coalesce(y.partner, a.partner) || '/' || coalesce(y.school_year, a.school_year)
                   AS thing,
               coalesce(y.allocated_cents, 0) AS kept, coalesce(a.cents, 0) AS counted
        FROM allocation_years y FULL JOIN (
            SELECT partner, left(semester, 4) AS school_year, sum(allocated_cents) AS cents
            FROM allocations GROUP BY partner, left(semester, 4)
        ) a ON a.partner = y.partner AND a.school_year = y.school_year
    """,
    "orders-recovered": """
        SELECT coalesce(o.order_id, r.order_id) AS thing, o.recovered_cents AS kept,
               coalesce(r.cents, 0) AS counted
        FROM orders o FULL JOIN (
            SELECT order_id, sum(cents) AS cents FROM recoveries
            WHERE state = 'booked' AND order_id IS NOT NULL GROUP BY order_id
        ) r ON r.order_id = o.order_id
    """,
    "claims-ordered": """
        SELECT coalesce(o.claim_id, c.claim_id) AS thing, coalesce(o.orders, 0) AS kept,
               (c.claim_id IS NOT NULL)::int AS counted
        FROM (
            SELECT claim_id, count(*) AS orders FROM orders
            WHERE claim_id IS NOT NULL AND state NOT IN ('returned', 'cancelled')
            GROUP BY claim_id
        ) o FULL JOIN (SELECT claim_id FROM claims WHERE state = 'accepted') c
            ON c.claim_id = o.claim_id
    """,
    "files-cents": _FILES.format(what="cents"),
    "files-payments": _FILES.format(what="payments"),
    "orders-reported": """
        SELECT o.order_id AS thing, o.cents AS kept,
               CASE r.cents WHEN 0 THEN o.cents ELSE r.cents END AS counted
        FROM orders o LEFT JOIN (
            SELECT DISTINCT ON (order_id, outcome) order_id, outcome, cents FROM reports
            WHERE result = 'applied' ORDER BY order_id, outcome, reported_at DESC
        ) r ON r.order_id = o.order_id AND r.outcome = o.state
        WHERE o.state IN ('settled', 'returned')
    """,
    "partner-reports-spent": """
        SELECT r.report_id AS thing, r.spent_cents AS kept, coalesce(sum(l.cents), 0) AS counted
        FROM partner_reports r LEFT JOIN partner_report_lines l USING (report_id)
        GROUP BY r.report_id
    """,
}
"""Of each comparison the question that is asked.

A bank's status report may tell no sum, only the file; it is kept with nothing as its sum.
"""

_LATEST = text("""
    SELECT DISTINCT ON (name) name, checked_at, compared, differing, differences
    FROM book_checks WHERE checked_at < :before ORDER BY name, checked_at DESC, row DESC
""")


async def compare(session: AsyncSession, name: str, *, now: datetime) -> Check:
    """Ask one question of the books as they stand."""
    asked = text(f"""
        WITH sums AS MATERIALIZED ({QUESTIONS[name]}),
        wrong AS (SELECT * FROM sums WHERE kept IS DISTINCT FROM counted),
        named AS (SELECT * FROM wrong ORDER BY thing LIMIT :named_max)
        SELECT (SELECT count(*) FROM sums), (SELECT count(*) FROM wrong),
               (SELECT coalesce(jsonb_agg(jsonb_build_array(thing, kept::bigint, counted::bigint)
                                          ORDER BY thing), '[]') FROM named)
    """)  # noqa: S608 - questions of our own
    values = {"named_max": DIFFERENCES_KEPT_MAX, "own": session.info["source"]}
    row = (await session.execute(asked, values)).one()
    return _check(name, now, *row)


def _check(name: str, at: datetime, compared: int, differing: int, found: list[Any]) -> Check:
    """A row of the table, or of an answer, as a comparison."""
    return Check(name, at, compared, differing, tuple(Difference(*one) for one in found))


async def keep(session: AsyncSession, checks: Sequence[Check]) -> None:
    """Write comparisons down."""
    rows = [(c.name, c.checked_at, c.compared, c.differing, _as_json(c)) for c in checks]
    await insert_rows(session, BOOK_CHECKS, rows)


def _as_json(check: Check) -> str:
    """The differences as the row keeps them."""
    return json.dumps(check.differences)


async def latest(session: AsyncSession, *, before: datetime) -> list[Check]:
    """The last comparison of each kind before a moment."""
    rows = await session.execute(_LATEST, {"before": before})
    return [_check(*row) for row in rows]
