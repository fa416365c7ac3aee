"""Rows of days: loaded for a batch by two statements, days taken and given back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.days.domain import DayBooks, DayKey, Freed, Taken
from services.payments.days.tables import ABSENT_DAYS, CLAIMED_DAYS, PRACTICES
from services.payments.domain import Plan
from services.payments.store import insert_rows, overwrite
from shared import registers
from shared.calendar import month_bounds
from shared.contracts.plans import PracticeEnded, PracticeOrdered
from shared.db import copy_rows
from shared.rows import one_text

_LOAD = text("""
    SELECT 'absent', pupil_ref, day, day, '', '', '', false, NULL FROM absent_days
    WHERE pupil_ref = ANY(string_to_array(:pupils, ' ')) AND day BETWEEN :first AND :last
        AND presence <> 'present'
    UNION ALL
    SELECT 'practice', pupil_ref, first_day, coalesce(least(ended_on - 1, last_day), last_day),
           '', '', '', false, NULL
    FROM practices
    WHERE pupil_ref = ANY(string_to_array(:pupils, ' '))
        AND first_day <= :last AND last_day >= :first
    UNION ALL
    SELECT 'taken', pupil_ref, day, day, support_type, held_by, plan_id, assumed, voucher_no
    FROM claimed_days
    WHERE pupil_ref = ANY(string_to_array(:pupils, ' ')) AND day BETWEEN :first AND :last
""")
_DROP = text("""
    DELETE FROM claimed_days c
    USING unnest(CAST(:pupils AS text[]), CAST(:types AS text[]), CAST(:days AS date[]))
          AS n (pupil_ref, support_type, day)
    WHERE c.pupil_ref = n.pupil_ref AND c.support_type = n.support_type AND c.day = n.day
""")
_BACK_TO_VOUCHERS = text("""
    UPDATE claimed_days SET held_by = voucher_no
    WHERE held_by = ANY(:ids) AND voucher_no IS NOT NULL
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_REMEMBER = text("""
    INSERT INTO freed_days (held_by, day, pupil_ref, support_type, plan_id, assumed, voucher_no)
    SELECT held_by, day, pupil_ref, support_type, plan_id, assumed, voucher_no
    FROM claimed_days WHERE held_by = ANY(:ids) ON CONFLICT DO NOTHING
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_FREED = text("""
    SELECT held_by, day, support_type, assumed, voucher_no FROM freed_days
    WHERE held_by = ANY(:ids) ORDER BY held_by, day
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_FREE = text("DELETE FROM claimed_days WHERE held_by = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_KEEP_ABSENT = (
    overwrite(ABSENT_DAYS, ("version", "presence"))
    + " WHERE absent_days.version < EXCLUDED.version"
)
_END_PRACTICE = text("""
    UPDATE practices p SET ended_on = n.ended_on
    FROM unnest(CAST(:pupils AS text[]), CAST(:orders AS text[]), CAST(:days AS date[]))
         AS n (pupil_ref, order_id, ended_on)
    WHERE p.pupil_ref = n.pupil_ref AND p.order_id = n.order_id
    RETURNING p.pupil_ref, n.ended_on, p.last_day
""")
_HITS = text("""
    SELECT c.pupil_ref, c.support_type, c.day, c.held_by, c.plan_id, c.assumed,
           o.measure_id, o.partner, o.state, o.cents,
           (SELECT count(*) FROM claimed_days x WHERE x.held_by = c.held_by)::int AS days
    FROM claimed_days c JOIN orders o ON o.order_id = c.held_by
    JOIN unnest(CAST(:pupils AS text[]), CAST(:days AS date[])) AS n (pupil_ref, day)
        ON n.pupil_ref = c.pupil_ref AND n.day = c.day
    ORDER BY c.pupil_ref, c.support_type, c.day
""")


class Hit(NamedTuple):
    """A day that an order holds; cents and days are those of the whole order."""

    pupil_ref: str
    support_type: str
    day: date
    order_id: str
    plan_id: str
    assumed: bool
    measure_id: str
    partner: str
    order_state: str
    cents: int
    days: int


async def load(
    session: AsyncSession,
    books: DayBooks,
    months: Iterable[tuple[str, str]],
    plans: Mapping[str, Plan],
) -> None:
    """Load what days of pupils' months are held against; nothing is asked where there are none.

    The caller holds the rows of the pupils.
    """
    asked = set(months)
    if not asked:
        return
    pupils = {pupil for pupil, _ in asked}
    bounds = [month_bounds(month) for month in {month for _, month in asked}]
    places = {
        place
        for plan in plans.values()
        if plan.pupil_ref in pupils
        for place in (plan.school_id, plan.municipality_id)
    }
    books.calendar = await registers.semesters(session, places)
    values = {
        "pupils": one_text(sorted(pupils)),
        "first": min(first for first, _ in bounds),
        "last": max(last for _, last in bounds),
    }
    absent: dict[str, set[date]] = {}
    practices: dict[str, list[tuple[date, date]]] = {}
    for what, pupil, first, last, kind, *held in await session.execute(_LOAD, values):
        if what == "absent":
            absent.setdefault(pupil, set()).add(first)
        elif what == "practice":
            practices.setdefault(pupil, []).append((first, last))
        else:
            books.taken[pupil, kind, first] = Taken(*held)
    books.absent, books.practices = absent, practices


async def save(session: AsyncSession, books: DayBooks) -> None:
    """Write days that changed hands: what was there goes, what is there now comes."""
    if not books.touched:
        return
    keys = sorted(books.touched)
    await _drop(session, keys)
    rows = [_row(key, books.taken[key]) for key in keys if key in books.taken]
    await copy_rows(session, CLAIMED_DAYS.name, _COLUMNS, rows)


_COLUMNS = [column.name for column in CLAIMED_DAYS.c]


def _row(key: DayKey, taken: Taken) -> tuple[object, ...]:
    """A day that is taken as its row."""
    return (*key, taken.held_by, taken.plan_id, taken.assumed, taken.voucher_no)


async def _drop(session: AsyncSession, keys: Sequence[DayKey]) -> None:
    """Take days away from whoever has them."""
    pupils, types, days = (list(column) for column in zip(*keys, strict=True))
    await session.execute(_DROP, {"pupils": pupils, "types": types, "days": days})


async def free(session: AsyncSession, order_ids: Iterable[str]) -> None:
    """Days of orders that are not paid may be claimed again; a voucher keeps its own."""
    ids = sorted(set(order_ids))
    await session.execute(_REMEMBER, {"ids": ids})
    await session.execute(_BACK_TO_VOUCHERS, {"ids": ids})
    await session.execute(_FREE, {"ids": ids})


async def freed(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, list[Freed]]:
    """The days that orders had until they were not paid, by order."""
    found: dict[str, list[Freed]] = {}
    for order_id, *day in await session.execute(_FREED, {"ids": sorted(set(order_ids))}):
        found.setdefault(order_id, []).append(Freed(*day))
    return found


async def keep_absences(
    session: AsyncSession, told: Mapping[tuple[str, date], tuple[int, str]]
) -> None:
    """Keep what was told of days of pupils, by version and presence; the newest stays."""
    rows = [(pupil, day, *what) for (pupil, day), what in sorted(told.items())]
    await insert_rows(session, ABSENT_DAYS, rows, _KEEP_ABSENT)


async def keep_practices(session: AsyncSession, facts: Iterable[PracticeOrdered]) -> None:
    """Keep orders for practice; of a pupil in several plans one is enough."""
    rows = {(f.pupil_ref, f.order_id): (f.first_day, f.last_day, None) for f in facts}
    ordered = [(*key, *days) for key, days in sorted(rows.items())]
    await insert_rows(session, PRACTICES, ordered, "ON CONFLICT DO NOTHING")


async def end_practices(
    session: AsyncSession, facts: Iterable[PracticeEnded]
) -> list[tuple[str, date, date]]:
    """Note from when orders for practice do not hold; gives pupils and the spans now closed."""
    rows = sorted({(f.pupil_ref, f.order_id, f.ended_on) for f in facts})
    pupils, orders, days = (list(column) for column in zip(*rows, strict=True))
    values = {"pupils": pupils, "orders": orders, "days": days}
    return [(row[0], row[1], row[2]) for row in await session.execute(_END_PRACTICE, values)]


async def hits(session: AsyncSession, days: Iterable[tuple[str, date]]) -> list[Hit]:
    """The orders that hold any of these days of pupils."""
    rows = await session.execute(_HITS, pairs(days))
    return [Hit(*row) for row in rows]


def pairs(days: Iterable[tuple[str, date]]) -> dict[str, list[object]]:
    """Pupils and days as two lists."""
    asked = sorted(set(days))
    return {"pupils": [pupil for pupil, _ in asked], "days": [day for _, day in asked]}
