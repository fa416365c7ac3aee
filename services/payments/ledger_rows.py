"""Rows of the ceiling ledger: loading what a batch touches, writing it back, the parameters."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.ledger import Ledger, Line, MonthKey, PupilMonth
from services.payments.rulebook import Rule, Rulebook
from services.payments.store import copy_rows
from services.payments.tables import ENTITLEMENTS, PUPIL_MONTHS

_ASKED = """
    WITH asked AS (
        SELECT * FROM unnest(CAST(:pupils AS text[]), CAST(:months AS text[]))
            AS a (pupil_ref, month)
    )
"""
_MONTHS = text(f"""{_ASKED}
    SELECT pupil_ref, month, cap_cents, reserved_cents, ordered_cents
    FROM pupil_months JOIN asked USING (pupil_ref, month)
""")  # noqa: S608 - two texts of this file
_LINES = text(f"""{_ASKED}
    SELECT plan_id, measure_id, month, pupil_ref, support_type, under_ceiling, plan_version,
           planned_cents, reserved_cents, ordered_cents
    FROM entitlements JOIN asked USING (pupil_ref, month)
""")  # noqa: S608 - two texts of this file
_PAIRS_OF_PLANS = text("""
    SELECT DISTINCT pupil_ref, month FROM entitlements WHERE plan_id = ANY(:plans)
""").bindparams(bindparam("plans", type_=ARRAY(Text)))
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
_SET_MONTHS = text("""
    UPDATE pupil_months m SET cap_cents = n.cap, reserved_cents = n.reserved,
        ordered_cents = n.ordered
    FROM unnest(CAST(:pupils AS text[]), CAST(:months AS text[]), CAST(:caps AS bigint[]),
                CAST(:reserved AS bigint[]), CAST(:ordered AS bigint[]))
         AS n (pupil_ref, month, cap, reserved, ordered)
    WHERE m.pupil_ref = n.pupil_ref AND m.month = n.month
""")
_SET_LINES = text("""
    UPDATE entitlements e SET plan_version = n.version, planned_cents = n.planned,
        reserved_cents = n.reserved, ordered_cents = n.ordered
    FROM unnest(CAST(:plans AS text[]), CAST(:measures AS text[]), CAST(:months AS text[]),
                CAST(:versions AS integer[]), CAST(:planned AS bigint[]),
                CAST(:reserved AS bigint[]), CAST(:ordered AS bigint[]))
         AS n (plan_id, measure_id, month, version, planned, reserved, ordered)
    WHERE e.plan_id = n.plan_id AND e.measure_id = n.measure_id AND e.month = n.month
""")
_MONTH_NAMES = ("pupils", "months", "caps", "reserved", "ordered")
_LINE_NAMES = ("plans", "measures", "months", "versions", "planned", "reserved", "ordered")
_MONTH_COLUMNS = [column.name for column in PUPIL_MONTHS.c]
_LINE_COLUMNS = [column.name for column in ENTITLEMENTS.c]


async def load_ledger(
    session: AsyncSession, pairs: Iterable[MonthKey], plan_ids: Iterable[str] = ()
) -> Ledger:
    """The months named, those of the plans named, and all lines that count in them.

    The caller holds the rows of the pupils.
    """
    asked = set(pairs)
    plans = sorted(set(plan_ids))
    if plans:
        rows = await session.execute(_PAIRS_OF_PLANS, {"plans": plans})
        asked |= {(row[0], row[1]) for row in rows}
    keys = sorted(asked)
    values = {"pupils": [pupil for pupil, _ in keys], "months": [month for _, month in keys]}
    months = await session.execute(_MONTHS, values)
    lines = await session.execute(_LINES, values)
    return Ledger.of([PupilMonth(*row) for row in months], [Line(*row) for row in lines])


async def save_ledger(session: AsyncSession, ledger: Ledger) -> None:
    """Write what was touched, new rows and changed ones apart; the caller holds the pupils."""
    months = [ledger.months[key] for key in sorted(ledger.touched_months)]
    lines = [ledger.lines[key] for key in sorted(ledger.touched_lines)]
    await _copy_new(session, ledger, months, lines)
    months = [m for m in months if (m.pupil_ref, m.month) not in ledger.new_months]
    lines = [line for line in lines if line.key not in ledger.new_lines]
    if months:
        await session.execute(_SET_MONTHS, _columns(_MONTH_NAMES, map(_month_row, months)))
    if lines:
        await session.execute(_SET_LINES, _columns(_LINE_NAMES, map(_changed, lines)))


def _columns(names: Sequence[str], rows: Iterable[tuple[object, ...]]) -> dict[str, list[object]]:
    """Rows as the arrays a statement takes."""
    return {name: list(c) for name, c in zip(names, zip(*rows, strict=True), strict=True)}


async def _copy_new(
    session: AsyncSession, ledger: Ledger, months: Iterable[PupilMonth], lines: Iterable[Line]
) -> None:
    """Write the rows the database does not have yet."""
    new_months = [_month_row(m) for m in months if (m.pupil_ref, m.month) in ledger.new_months]
    new_lines = [_line_row(line) for line in lines if line.key in ledger.new_lines]
    await copy_rows(session, PUPIL_MONTHS, _MONTH_COLUMNS, new_months)
    await copy_rows(session, ENTITLEMENTS, _LINE_COLUMNS, new_lines)


def _month_row(month: PupilMonth) -> tuple[object, ...]:
    """A month in the order of the table's columns."""
    return month.pupil_ref, month.month, month.cap, month.reserved, month.ordered


def _changed(line: Line) -> tuple[object, ...]:
    """The key of a line and what of it can change."""
    return (*line.key, line.plan_version, line.planned, line.reserved, line.ordered)


def _line_row(line: Line) -> tuple[object, ...]:
    """A line in the order of the table's columns."""
    return (
        *line.key,
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
