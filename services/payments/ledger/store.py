"""Rows of the ceiling ledger: loading what a batch touches, writing it back, the parameters."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.allocations import store as allocation_rows
from services.payments.ledger.domain import Ledger, Line, MonthKey, Place
from services.payments.ledger.months import PupilMonth
from services.payments.ledger.tables import ENTITLEMENTS, PUPIL_MONTHS
from services.payments.rulebook import Rule, Rulebook
from services.payments.settings import Settings
from shared.db import copy_rows
from shared.rows import one_text

_MONTHS = text("""
    SELECT pupil_ref, month, cap_cents, reserved_cents, ordered_cents, row
    FROM pupil_months
    WHERE pupil_ref = ANY(string_to_array(:pupils, ' '))
        AND month = ANY(string_to_array(:months, ' '))
""")
_SHARED_MONTHS = text("""
    SELECT pupil_ref, month, cap_cents, reserved_cents, ordered_cents, row, elsewhere_cents,
           begun_here, goes_to, owes_to, awaits, asked
    FROM pupil_months
    WHERE pupil_ref = ANY(string_to_array(:pupils, ' '))
        AND month = ANY(string_to_array(:months, ' '))
""")
_LINES = text("""
    SELECT plan_id, measure_id, month, pupil_ref, support_type, under_ceiling, plan_version,
           planned_cents, reserved_cents, ordered_cents, waiting_cents, row
    FROM entitlements
    WHERE pupil_ref = ANY(string_to_array(:pupils, ' '))
        AND month = ANY(string_to_array(:months, ' '))
""")
_PAIRS_OF_PLANS = text("""
    SELECT DISTINCT pupil_ref, month FROM entitlements WHERE plan_id = ANY(:plans)
""").bindparams(bindparam("plans", type_=ARRAY(Text)))
_RULES = text("""
    SELECT name, place, valid_from, valid_to, value FROM parameters
    WHERE owner IN ('payments', 'identification') ORDER BY name, place, valid_from DESC
""")
_PLACES = text("""
    SELECT p.plan_id, p.school_id, p.partner, coalesce(s.name_lv, p.school_id),
           coalesce(s.name_en, p.school_id)
    FROM plans p LEFT JOIN register_schools s USING (school_id) WHERE p.plan_id = ANY(:plans)
""").bindparams(bindparam("plans", type_=ARRAY(Text)))
_SET_MONTHS = text("""
    UPDATE pupil_months m SET cap_cents = n.cap, reserved_cents = n.reserved,
        ordered_cents = n.ordered
    FROM unnest(CAST(string_to_array(:rows, ' ') AS bigint[]),
                CAST(string_to_array(:caps, ' ') AS bigint[]),
                CAST(string_to_array(:reserved, ' ') AS bigint[]),
                CAST(string_to_array(:ordered, ' ') AS bigint[]))
         AS n (row, cap, reserved, ordered)
    WHERE m.row = n.row
""")
_SET_SHARED_MONTHS = text("""
    UPDATE pupil_months m SET cap_cents = n.cap, reserved_cents = n.reserved,
        ordered_cents = n.ordered, elsewhere_cents = n.elsewhere, begun_here = n.begun_here,
        goes_to = n.goes_to, owes_to = n.owes_to, awaits = n.awaits, asked = n.asked
    FROM unnest(CAST(:rows AS bigint[]), CAST(:cap_cents AS bigint[]),
                CAST(:reserved_cents AS bigint[]), CAST(:ordered_cents AS bigint[]),
                CAST(:elsewhere_cents AS bigint[]), CAST(:begun_here AS boolean[]),
                CAST(:goes_to AS text[]), CAST(:owes_to AS text[]), CAST(:awaits AS text[]),
                CAST(:asked AS integer[]))
         AS n (row, cap, reserved, ordered, elsewhere, begun_here, goes_to, owes_to, awaits, asked)
    WHERE m.row = n.row
""")
_SET_LINES = text("""
    UPDATE entitlements e SET plan_version = n.version, planned_cents = n.planned,
        reserved_cents = n.reserved, ordered_cents = n.ordered, waiting_cents = n.waiting
    FROM unnest(CAST(string_to_array(:rows, ' ') AS bigint[]),
                CAST(string_to_array(:versions, ' ') AS integer[]),
                CAST(string_to_array(:planned, ' ') AS bigint[]),
                CAST(string_to_array(:reserved, ' ') AS bigint[]),
                CAST(string_to_array(:ordered, ' ') AS bigint[]),
                CAST(string_to_array(:waiting, ' ') AS bigint[]))
         AS n (row, version, planned, reserved, ordered, waiting)
    WHERE e.row = n.row
""")
_MONTH_COLUMNS = [column.name for column in PUPIL_MONTHS.c if column.name != "row"]
_KEY = ("pupil_ref", "month")
_LINE_COLUMNS = [column.name for column in ENTITLEMENTS.c if column.name != "row"]


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
    values = {
        "pupils": one_text(sorted({pupil for pupil, _ in asked})),
        "months": one_text(sorted({month for _, month in asked})),
    }
    settings: Settings = session.info["settings"]
    shared = settings.several_cells_pay
    months = await session.execute(_SHARED_MONTHS if shared else _MONTHS, values)
    lines = await session.execute(_LINES, values)
    ledger = Ledger.of([PupilMonth(*row) for row in months], [Line(*row) for row in lines])
    ledger.shared = shared
    return ledger


async def places_of_plans(session: AsyncSession, plan_ids: Iterable[str]) -> dict[str, Place]:
    """Where plans are, by the register of schools; a school it lacks goes by its code."""
    asked = sorted(set(plan_ids))
    if not asked:
        return {}
    rows = await session.execute(_PLACES, {"plans": asked})
    return {row[0]: Place(*row[1:]) for row in rows}


async def save_ledger(session: AsyncSession, ledger: Ledger) -> None:
    """Write what was touched, new rows and changed ones apart; the caller holds the pupils.

    What is given back to allocations holds their rows from here on. Actions save through
    `shares.saving`, which also lets what is free of a month follow the pupil.
    """
    months = [ledger.months[key] for key in sorted(ledger.touched_months)]
    lines = [ledger.lines[key] for key in sorted(ledger.touched_lines)]
    new = [_values_of(month) for month in months if not month.row]
    await copy_rows(session, PUPIL_MONTHS.name, _MONTH_COLUMNS, new)
    await copy_rows(session, ENTITLEMENTS.name, _LINE_COLUMNS, _new_lines(lines))
    changed = [month for month in months if month.row]
    await (_set_shared_months if ledger.shared else _set_months)(session, changed)
    await _set_lines(session, [line for line in lines if line.row])
    await allocation_rows.speak_for(session, ledger.spoken_for)


async def _set_months(session: AsyncSession, months: Sequence[PupilMonth]) -> None:
    """Write changed months."""
    if months:
        values = {
            "rows": one_text([month.row for month in months]),
            "caps": one_text([month.cap for month in months]),
            "reserved": one_text([month.reserved for month in months]),
            "ordered": one_text([month.ordered for month in months]),
        }
        await session.execute(_SET_MONTHS, values)


async def _set_shared_months(session: AsyncSession, months: Sequence[PupilMonth]) -> None:
    """Write changed months where several cells pay, with all that stands of their shares."""
    if months:
        columns = zip(*(_values_of(month) for month in months), strict=True)
        values = dict(zip(_MONTH_COLUMNS, map(list, columns), strict=True))
        values = {name: of_all for name, of_all in values.items() if name not in _KEY}
        await session.execute(_SET_SHARED_MONTHS, {**values, "rows": [m.row for m in months]})


async def _set_lines(session: AsyncSession, lines: Sequence[Line]) -> None:
    """Write changed lines."""
    if lines:
        values = {
            "rows": one_text([line.row for line in lines]),
            "versions": one_text([line.plan_version for line in lines]),
            "planned": one_text([line.planned for line in lines]),
            "reserved": one_text([line.reserved for line in lines]),
            "ordered": one_text([line.ordered for line in lines]),
            "waiting": one_text([line.waiting for line in lines]),
        }
        await session.execute(_SET_LINES, values)


def _values_of(month: PupilMonth) -> tuple[object, ...]:
    """A month in the order of the table's columns."""
    return (
        month.pupil_ref,
        month.month,
        month.cap,
        month.reserved,
        month.ordered,
        month.elsewhere,
        month.begun_here,
        month.goes_to,
        month.owes_to,
        month.awaits,
        month.asked,
    )


def _new_lines(lines: Iterable[Line]) -> list[tuple[object, ...]]:
    """Lines without a row, in the order of the table's columns."""
    return [
        (
            *line.key,
            line.pupil_ref,
            line.support_type,
            line.under_ceiling,
            line.plan_version,
            line.planned,
            line.reserved,
            line.ordered,
            line.waiting,
        )
        for line in lines
        if not line.row
    ]


async def load_rulebook(session: AsyncSession) -> Rulebook:
    """All parameters payments may decide by."""
    rows = (await session.execute(_RULES)).mappings()
    return Rulebook([_rule(row) for row in rows])


def _rule(row: RowMapping) -> Rule:
    """A row of the parameters' table as a rule."""
    return Rule(
        row["name"], row["place"], row["valid_from"] or date.min, row["valid_to"], row["value"]
    )
