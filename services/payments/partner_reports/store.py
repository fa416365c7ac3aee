"""Rows of partners' reports: what belongs to a period, what was frozen, what was decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.partner_reports.domain import Counted
from services.payments.partner_reports.tables import (
    FUNDINGS,
    PARTNER_REPORT_LINES,
    PARTNER_REPORTS,
)
from services.payments.store import insert_rows
from shared.db import copy_rows

_ORDER_COLUMNS = """
    o.order_id, {kind} AS kind, '' AS ref, o.support_type, o.month, o.plan_code, o.project_id,
    o.service_date, o.booked_on, {sign} o.cents, {sign} o.esf_cents, {sign} o.state_cents,
    c.submitted::jsonb #>> '{{evidence,kind}}', c.digest
"""
_SETTLED = text(f"""
    SELECT {_ORDER_COLUMNS.format(kind="'settled'", sign="")}
    FROM orders o LEFT JOIN claims c USING (claim_id)
    WHERE o.partner = :partner AND o.state = 'settled' AND o.booked_on <= :last_day
        AND NOT EXISTS (SELECT 1 FROM partner_report_lines l
                        WHERE l.order_id = o.order_id AND l.kind = 'settled')
    ORDER BY o.booked_on, o.order_id
""")  # noqa: S608 - a column list of our own
_RETURNED = text(f"""
    SELECT {_ORDER_COLUMNS.format(kind="'returned'", sign="-")}
    FROM orders o LEFT JOIN claims c USING (claim_id)
    WHERE o.partner = :partner AND o.state = 'returned' AND o.booked_on <= :last_day
        AND EXISTS (SELECT 1 FROM partner_report_lines l
                    WHERE l.order_id = o.order_id AND l.kind = 'settled')
        AND NOT EXISTS (SELECT 1 FROM partner_report_lines l
                        WHERE l.order_id = o.order_id AND l.kind = 'returned')
    ORDER BY o.booked_on, o.order_id
""")  # noqa: S608 - a column list of our own
_RECOVERED = text("""
    SELECT o.order_id, 'recovered' AS kind, r.recovery_id AS ref, o.support_type, o.month,
        o.plan_code, o.project_id, o.service_date, r.booked_on, r.cents, r.up_to_now,
        c.submitted::jsonb #>> '{evidence,kind}', c.digest,
        EXISTS (SELECT 1 FROM partner_report_lines l
                WHERE l.order_id = o.order_id AND l.kind = 'settled') AS paid_is_reported
    FROM (SELECT recovery_id, order_id, booked_on, cents, partner,
                 sum(cents) OVER (PARTITION BY order_id ORDER BY entered_at, recovery_id)::bigint
                     AS up_to_now
          FROM recoveries WHERE partner = :partner AND state = 'booked' AND order_id IS NOT NULL) r
    JOIN orders o USING (order_id) LEFT JOIN claims c USING (claim_id)
    WHERE r.booked_on <= :last_day
        AND NOT EXISTS (SELECT 1 FROM partner_report_lines l
                        WHERE l.order_id = o.order_id AND l.kind = 'recovered'
                            AND l.ref = r.recovery_id)
    ORDER BY r.booked_on, o.order_id, r.recovery_id
""")
_RECEIVED = text("""
    SELECT coalesce(sum(cents), 0)::bigint FROM fundings
    WHERE partner = :partner AND booked_on <= :last_day AND report_id IS NULL
""")
_TAKE_FUNDINGS = text("""
    UPDATE fundings SET report_id = :report_id
    WHERE partner = :partner AND booked_on <= :last_day AND report_id IS NULL
""")
_LAST = text("""
    SELECT report_id, period, last_day, closing_cents FROM partner_reports
    WHERE partner = :partner ORDER BY last_day DESC, submitted_at DESC LIMIT 1
""")
_DECIDE = text("""
    UPDATE partner_report_lines l SET decision = n.decision, accepted_cents = n.cents,
        accepted_esf_cents = n.esf, accepted_state_cents = n.state, reason_code = n.reason,
        decided_by = :by, decided_at = :at
    FROM unnest(CAST(:line_nos AS integer[]), CAST(:decisions AS text[]),
                CAST(:cents AS bigint[]), CAST(:esf AS bigint[]), CAST(:state AS bigint[]),
                CAST(:reasons AS text[])) AS n (line_no, decision, cents, esf, state, reason)
    WHERE l.report_id = :report_id AND l.line_no = n.line_no
""")
_COUNTED_ELSEWHERE = text("""
    SELECT l.order_id, coalesce(sum(l.accepted_cents), 0)::bigint,
        coalesce(sum(l.accepted_esf_cents), 0)::bigint,
        coalesce(sum(l.accepted_state_cents), 0)::bigint,
        bool_or(l.kind = 'settled' AND r.state = 'verified')
    FROM partner_report_lines l JOIN partner_reports r USING (report_id)
    WHERE l.order_id = ANY(:orders) AND l.report_id <> :report_id GROUP BY l.order_id
""").bindparams(bindparam("orders", type_=ARRAY(Text)))
_VERIFIED = text("""
    SELECT l.order_id, sum(l.accepted_cents)::bigint, sum(l.accepted_esf_cents)::bigint,
        coalesce(max(l.cents) FILTER (WHERE l.kind = 'settled'), 0)
    FROM partner_report_lines l JOIN partner_reports r USING (report_id)
    WHERE l.order_id = ANY(:orders) AND (r.state = 'verified' OR l.report_id = :report_id)
    GROUP BY l.order_id
""").bindparams(bindparam("orders", type_=ARRAY(Text)))
_VERIFY = text("""
    UPDATE partner_reports SET state = 'verified', version = version + 1, verified_by = :by,
        verified_at = :at WHERE report_id = :report_id
""")
_BUMP_ORDERS = text("""
    UPDATE orders SET version = version + 1 WHERE order_id = ANY(:orders)
""").bindparams(bindparam("orders", type_=ARRAY(Text)))


class LineRow(NamedTuple):
    """A line as frozen, in the order of the table's first columns."""

    report_id: str
    line_no: int
    order_id: str
    kind: str
    ref: str
    support_type: str
    month: str
    plan_code: str | None
    project_id: str | None
    service_date: date
    booked_on: date
    cents: int
    esf_cents: int
    state_cents: int
    evidence_kind: str | None
    digest: bytes | None


class RecoveredRow(NamedTuple):
    """Money that came back, and how much of its order had come back with it."""

    order_id: str
    kind: str
    ref: str
    support_type: str
    month: str
    plan_code: str | None
    project_id: str | None
    service_date: date
    booked_on: date
    cents: int
    up_to_now: int
    evidence_kind: str | None
    digest: bytes | None
    paid_is_reported: bool


class Decided(NamedTuple):
    """The state's decision on a line; cents are what counts."""

    line_no: int
    decision: str
    cents: int
    esf_cents: int
    state_cents: int
    reason_code: str | None


class Elsewhere(NamedTuple):
    """What counts of an order in other reports, and whether what was paid is verified there."""

    counts: Counted
    paid_is_verified: bool


async def paid_lines(session: AsyncSession, partner: str, last_day: date) -> list[Sequence[Any]]:
    """Orders paid up to a day and returned after they were reported, that no report holds."""
    values = {"partner": partner, "last_day": last_day}
    settled = await session.execute(_SETTLED, values)
    return [*settled, *await session.execute(_RETURNED, values)]


async def recovered_lines(
    session: AsyncSession, partner: str, last_day: date
) -> list[RecoveredRow]:
    """Money that came back up to a day and that no report holds."""
    rows = await session.execute(_RECOVERED, {"partner": partner, "last_day": last_day})
    return [RecoveredRow(*row) for row in rows]


async def received(session: AsyncSession, partner: str, last_day: date) -> int:
    """Cents a partner received up to a day that no report holds."""
    found = await session.scalar(_RECEIVED, {"partner": partner, "last_day": last_day})
    return int(found or 0)


async def take_fundings(
    session: AsyncSession, partner: str, last_day: date, report_id: str
) -> None:
    """What was received up to a day belongs to this report now."""
    values = {"partner": partner, "last_day": last_day, "report_id": report_id}
    await session.execute(_TAKE_FUNDINGS, values)


async def insert_fundings(session: AsyncSession, rows: Sequence[Sequence[Any]]) -> set[str]:
    """Keep money received; gives the ids that were new."""
    done = await insert_rows(session, FUNDINGS, rows, "ON CONFLICT DO NOTHING RETURNING funding_id")
    return set(done)


async def last_report(session: AsyncSession, partner: str) -> RowMapping | None:
    """The partner's report of the latest period."""
    return (await session.execute(_LAST, {"partner": partner})).mappings().first()


async def insert_report(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """Keep a report."""
    await session.execute(PARTNER_REPORTS.insert(), dict(values))


async def copy_lines(session: AsyncSession, lines: Sequence[LineRow]) -> None:
    """Freeze the lines of a report; one reported before raises IntegrityError."""
    await copy_rows(session, PARTNER_REPORT_LINES.name, LineRow._fields, lines)


async def report(session: AsyncSession, report_id: str, *, lock: bool = False) -> RowMapping | None:
    """One report, held until the transaction ends where asked."""
    asked = select(PARTNER_REPORTS).where(PARTNER_REPORTS.c.report_id == report_id)
    rows = await session.execute(asked.with_for_update() if lock else asked)
    return rows.mappings().first()


async def reports_of(
    session: AsyncSession, *, partner: str | None, state: str | None, limit: int
) -> list[RowMapping]:
    """The newest reports, of one partner or of all."""
    asked = select(PARTNER_REPORTS).order_by(
        PARTNER_REPORTS.c.last_day.desc(), PARTNER_REPORTS.c.report_id
    )
    if partner is not None:
        asked = asked.where(PARTNER_REPORTS.c.partner == partner)
    if state is not None:
        asked = asked.where(PARTNER_REPORTS.c.state == state)
    return list((await session.execute(asked.limit(limit))).mappings())


async def lines_of(
    session: AsyncSession, report_id: str, *, after: int = 0, limit: int | None = None
) -> list[RowMapping]:
    """Lines of a report by number."""
    asked = (
        select(PARTNER_REPORT_LINES)
        .where(
            PARTNER_REPORT_LINES.c.report_id == report_id,
            PARTNER_REPORT_LINES.c.line_no > after,
        )
        .order_by(PARTNER_REPORT_LINES.c.line_no)
        .limit(limit)
    )
    return list((await session.execute(asked)).mappings())


async def counted_elsewhere(
    session: AsyncSession, order_ids: Iterable[str], report_id: str
) -> dict[str, Elsewhere]:
    """By order what counts of it in other reports than this one."""
    values = {"orders": sorted(set(order_ids)), "report_id": report_id}
    rows = await session.execute(_COUNTED_ELSEWHERE, values)
    return {row[0]: Elsewhere(Counted(*row[1:4]), row[4]) for row in rows}


async def verified_with(
    session: AsyncSession, order_ids: Iterable[str], report_id: str
) -> dict[str, tuple[int, int, int]]:
    """By order what counts of it once this report is verified, its ESF part, and what was paid."""
    values = {"orders": sorted(set(order_ids)), "report_id": report_id}
    rows = await session.execute(_VERIFIED, values)
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def decide(
    session: AsyncSession, report_id: str, decided: Sequence[Decided], *, by: str, at: datetime
) -> None:
    """Write the state's decisions on lines of a report."""
    if decided:
        names = ("line_nos", "decisions", "cents", "esf", "state", "reasons")
        values: dict[str, Any] = dict(
            zip(names, map(list, zip(*decided, strict=True)), strict=True)
        )
        await session.execute(_DECIDE, values | {"report_id": report_id, "by": by, "at": at})


async def verify(session: AsyncSession, report_id: str, *, by: str, at: datetime) -> None:
    """The state is through with a report."""
    await session.execute(_VERIFY, {"report_id": report_id, "by": by, "at": at})


async def bump_orders(session: AsyncSession, order_ids: Iterable[str]) -> None:
    """One more fact about these orders, whose rows the caller holds."""
    await session.execute(_BUMP_ORDERS, {"orders": sorted(order_ids)})
