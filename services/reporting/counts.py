"""Answers what stands in a count: from the counts themselves, or from the evidence as of a day."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import aggregate_rows, evidence_rows, national_rows, order_rows
from services.reporting.domain import Level, months_of, semesters_in
from services.reporting.measures import MEASURES, STAFF_MEASURES, How, parts_of
from services.reporting.order_rules import money_of
from services.reporting.plan_files import Item, PlanFile, counts_as_plan, in_force, item_of
from services.reporting.pupil_cases import naming_item
from services.reporting.rows import within
from services.reporting.staff_rules import evidence_of as staff_evidence
from services.reporting.staffing import pedagogues
from services.reporting.store import AGGREGATES, NATIONAL_CELLS, ORDERS
from shared.errors import Refused

COLUMN_OF_LEVEL = {
    Level.SCHOOL: "school_id",
    Level.PARTNER: "partner",
    Level.MUNICIPALITY: "municipality_id",
}


class AsOfNotCounted(Refused):
    """This measure is not counted as of a day; ask without as_of."""

    code = "as-of-not-counted"
    status = 422


@dataclass(frozen=True)
class Question:
    """What is asked: a measure at a place, for a period, with a cut, as of a day or as it is."""

    level: Level
    place: str
    period: str
    measure: str
    cut: str = ""
    as_of: date | None = None


Reader = Callable[..., Any]


async def local_value(session: AsyncSession, ask: Question) -> Any:
    """The exact value from the municipal level's own rows; None for a range of nothing."""
    if ask.measure == "pupils_in_force":
        return await _in_force(session, ask)
    if ask.as_of is not None:
        return await _as_of(session, ask)
    return await _value(session, ask, aggregate_rows.cells_dict, AGGREGATES.c)


async def national_value(session: AsyncSession, ask: Question) -> Any:
    """The value from the aggregates the national level was told."""
    if ask.as_of is not None or ask.measure == "pupils_in_force":
        raise AsOfNotCounted(measure=ask.measure)
    return await _value(session, ask, national_rows.cells_where, NATIONAL_CELLS.c)


async def _value(session: AsyncSession, ask: Question, read: Reader, table: Any) -> Any:
    """A value from a table of cells."""
    if (parts := parts_of(ask.measure)) is not None:
        whole, esf = [await _sum(session, ask, part, read, table) for part in parts]
        return whole - esf
    if ask.measure == "grade_range":
        cells = await read(
            session,
            *_place(ask, table),
            table.period == ask.period,
            table.measure == "pupils_involved",
            table.cut.like("grade=%"),
            table.cut.not_like("%&%"),
        )
        return _range(int(cell.cut.partition("=")[2]) for cell in cells)
    if ask.measure == "school_years_running":
        cells = await read(
            session,
            *_place(ask, table),
            func.length(table.period) == 4,
            table.period <= ask.period[:4],
            table.measure == "pupils_involved",
            table.cut == "",
        )
        return len({cell.period for cell in cells})
    if MEASURES[ask.measure].how is How.SUM:
        return await _sum(session, ask, ask.measure, read, table)
    cells = await read(
        session,
        *_place(ask, table),
        table.period == ask.period,
        table.measure == ask.measure,
        table.cut == ask.cut,
    )
    return sum(cells.values())


def _place(ask: Question, table: Any) -> list[ColumnElement[bool]]:
    """Conditions on level and place of a distinct count."""
    found: list[ColumnElement[bool]] = [table.level == ask.level.value]
    if ask.level is not Level.NATION:
        found.append(table[COLUMN_OF_LEVEL[ask.level]] == ask.place)
    return found


async def _sum(session: AsyncSession, ask: Question, measure: str, read: Reader, table: Any) -> int:
    """A measure that adds up, over the months and semesters of the period."""
    conditions = [table.measure == measure, within(table.period, ask.period)]
    if ask.level is not Level.NATION:
        conditions.append(table[COLUMN_OF_LEVEL[ask.level]] == ask.place)
    if ask.cut:
        conditions.append(table.cut == ask.cut)
    return sum((await read(session, *conditions)).values())


def _range(grades: Iterable[int]) -> dict[str, int] | None:
    found = sorted(grades)
    return {"from": found[0], "to": found[-1]} if found else None


def _columns(ask: Question) -> dict[str, str]:
    """The place as a condition on the evidence."""
    return {} if ask.level is Level.NATION else {COLUMN_OF_LEVEL[ask.level]: ask.place}


async def _in_force(session: AsyncSession, ask: Question) -> int:
    """Pupils with a plan in force on the day asked."""
    assert ask.as_of is not None
    day = ask.as_of.isoformat()
    files = await evidence_rows.files_where(session, None, _columns(ask))
    return len({file.pupil_ref for file in files if in_force(file, day)})


async def _as_of(session: AsyncSession, ask: Question) -> Any:
    """A value of what was true by the day asked, from the evidence."""
    assert ask.as_of is not None
    day = ask.as_of.isoformat()
    if ask.measure in STAFF_MEASURES:
        return await _staff_as_of(session, ask, day)
    if parts_of(ask.measure) or ask.measure.endswith("_cents"):
        return await _money_as_of(session, ask, day)
    running = ask.measure == "school_years_running"
    semesters = None if running else semesters_in(ask.period)
    files = await evidence_rows.files_where(session, semesters, _columns(ask))
    if ask.measure == "plans":
        return sum(counts_as_plan(file, as_of=day) for file in files)
    people = await _people(session, ask, files, day)
    return _from_people(ask, people)


async def _people(
    session: AsyncSession, ask: Question, files: Iterable[PlanFile], day: str
) -> list[tuple[str, Item]]:
    """Evidence about pupils at the place, each item with its pupil."""
    found = [(file.pupil_ref, item_of(file, as_of=day)) for file in files]
    if ask.measure == "pupils_at_risk":
        semesters = semesters_in(ask.period)
        field = {Level.SCHOOL: 0, Level.PARTNER: 1, Level.MUNICIPALITY: 2}.get(ask.level)
        for case in await evidence_rows.all_cases(session, named_only=True):
            for semester, naming in case.named.items():
                there = field is None or naming["place"][field] == ask.place
                if there and (semesters is None or semester in semesters):
                    found.append((case.pupil_ref, naming_item(semester, naming, as_of=day)))
    return found


def _from_people(ask: Question, people: list[tuple[str, Item]]) -> Any:
    """A measure of pupils from evidence about them."""
    involved = [(ref, item) for ref, item in people if "pupils_involved|" in item.facets]
    if ask.measure == "schools_involved":
        return len({item.place.school_id for _, item in involved})
    if ask.measure == "school_years_running":
        return len({i.semester[:4] for _, i in involved if i.semester[:4] <= ask.period[:4]})
    if ask.measure == "grade_range":
        prefix = "pupils_involved|grade="
        return _range(
            int(facet.removeprefix(prefix))
            for _, item in involved
            for facet in item.facets
            if facet.startswith(prefix)
        )
    if MEASURES[ask.measure].how is not How.DISTINCT:
        raise AsOfNotCounted(measure=ask.measure)
    facet = f"{ask.measure}|{ask.cut}"
    if ask.period.endswith("m"):
        name = (ask.period[:-1], facet)
        return len({ref for ref, item in people if name in item.months})
    return len({ref for ref, item in people if facet in item.facets})


async def _staff_as_of(session: AsyncSession, ask: Question, day: str) -> int:
    """Persons of the staff by a day."""
    work = await evidence_rows.work_where(session, semesters_in(ask.period), _columns(ask))
    found = staff_evidence(work, await pedagogues(session), as_of=day)
    facet = f"{ask.measure}|{ask.cut}"
    return sum(any(facet in i.facets for i in one.items.values()) for one in found.values())


async def _money_as_of(session: AsyncSession, ask: Question, day: str) -> int:
    """Cents by a day; what was planned has no day and is not counted so."""
    whole, esf = parts_of(ask.measure) or (ask.measure, None)
    if whole.startswith(("planned", "project")):
        raise AsOfNotCounted(measure=ask.measure)
    first, last = months_of(ask.period)
    conditions: list[ColumnElement[bool]] = [ORDERS.c.month.between(first, last)]
    conditions += [ORDERS.c[name] == value for name, value in _columns(ask).items()]
    total = 0
    for order in await order_rows.orders_where(session, *conditions):
        for cell, cents in money_of(order, as_of=day).items():
            if ask.cut in ("", cell.cut):
                total += cents * ((cell.measure == whole) - (cell.measure == esf))
    return total
