"""Rows of the ceiling ledger: loading what a batch touches, writing it back, the parameters."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.ledger import Ledger, Line, MonthKey, PupilMonth
from services.payments.rulebook import Rule, Rulebook
from services.payments.store import ENTITLEMENTS, PUPIL_MONTHS, insert_rows, overwrite

_PAIRS = """
    WITH asked AS (
        SELECT * FROM unnest(CAST(:pupils AS text[]), CAST(:months AS text[]))
            AS a (pupil_ref, month)
        UNION
        SELECT pupil_ref, month FROM entitlements WHERE plan_id = ANY(:plans)
    )
"""
_MONTHS = text(f"""{_PAIRS}
    SELECT pupil_ref, month, cap_cents, reserved_cents, ordered_cents
    FROM pupil_months JOIN asked USING (pupil_ref, month)
""").bindparams(bindparam("plans", type_=ARRAY(Text)))  # noqa: S608 - two texts of this file
_LINES = text(f"""{_PAIRS}
    SELECT plan_id, measure_id, month, pupil_ref, support_type, under_ceiling, plan_version,
           planned_cents, reserved_cents, ordered_cents
    FROM entitlements JOIN asked USING (pupil_ref, month)
""").bindparams(bindparam("plans", type_=ARRAY(Text)))  # noqa: S608 - two texts of this file
_RULES = text("""
    SELECT name, place, valid_from, valid_to, value FROM parameters
    WHERE owner IN ('payments', 'identification') ORDER BY name, place, valid_from DESC
""")
_WRONG_MONTHS = text("""
    SELECT m.pupil_ref, m.month FROM pupil_months m
    LEFT JOIN (SELECT pupil_ref, month, sum(reserved_cents) AS reserved,
                      sum(ordered_cents) AS ordered
               FROM entitlements WHERE under_ceiling GROUP BY pupil_ref, month) l
        USING (pupil_ref, month)
    WHERE m.reserved_cents <> coalesce(l.reserved, 0) OR m.ordered_cents <> coalesce(l.ordered, 0)
    ORDER BY m.pupil_ref, m.month
""")
_KEEP_MONTH = overwrite(PUPIL_MONTHS, ("cap_cents", "reserved_cents", "ordered_cents"))
_KEEP_LINE = overwrite(
    ENTITLEMENTS,
    ("under_ceiling", "plan_version", "planned_cents", "reserved_cents", "ordered_cents"),
)


async def load_ledger(
    session: AsyncSession, pairs: Iterable[MonthKey], plan_ids: Iterable[str] = ()
) -> Ledger:
    """The months named, those of the plans named, and all lines that count in them.

    The caller holds the rows of the pupils.
    """
    asked = sorted(set(pairs))
    values = {
        "pupils": [pupil for pupil, _ in asked],
        "months": [month for _, month in asked],
        "plans": sorted(set(plan_ids)),
    }
    months = await session.execute(_MONTHS, values)
    lines = await session.execute(_LINES, values)
    return Ledger.of([PupilMonth(*row) for row in months], [Line(*row) for row in lines])


async def save_ledger(session: AsyncSession, ledger: Ledger) -> None:
    """Write back what was touched, in key order."""
    months = [ledger.months[key] for key in sorted(ledger.touched_months)]
    lines = [ledger.lines[key] for key in sorted(ledger.touched_lines)]
    await insert_rows(
        session,
        PUPIL_MONTHS,
        [(m.pupil_ref, m.month, m.cap, m.reserved, m.ordered) for m in months],
        _KEEP_MONTH,
    )
    await insert_rows(session, ENTITLEMENTS, [_line_row(line) for line in lines], _KEEP_LINE)


def _line_row(line: Line) -> tuple[object, ...]:
    """A line in the order of the table's columns."""
    return (
        line.plan_id,
        line.measure_id,
        line.month,
        line.pupil_ref,
        line.support_type,
        line.under_ceiling,
        line.plan_version,
        line.planned,
        line.reserved,
        line.ordered,
    )


async def load_rulebook(session: AsyncSession) -> Rulebook:
    """All parameters payments may decide by."""
    rows = (await session.execute(_RULES)).mappings()
    return Rulebook([_rule(row) for row in rows])


def _rule(row: RowMapping) -> Rule:
    """A row of the parameters' table as a rule."""
    return Rule(
        row["name"], row["place"], row["valid_from"] or date.min, row["valid_to"], row["value"]
    )


async def months_that_disagree(session: AsyncSession) -> list[MonthKey]:
    """Months whose sums are not those of their lines; there must be none."""
    return [(row[0], row[1]) for row in await session.execute(_WRONG_MONTHS)]
