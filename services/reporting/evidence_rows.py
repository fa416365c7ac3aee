"""Rows of the evidence about pupils and staff: cases, plans, consultations, work done."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.delivered import compensation_name
from services.reporting.domain import Place
from services.reporting.order_rows import Claimed
from services.reporting.plan_files import PlanFile
from services.reporting.pupil_cases import PupilCase
from services.reporting.rows import among, insert_rows, taking_over
from services.reporting.staff_rules import Work
from services.reporting.store import CONSULTATIONS, PLAN_FILES, PUPILS, STAFF, STAFF_WORK

_KEEP_FILES = taking_over(PLAN_FILES)
_KEEP_PUPILS = taking_over(PUPILS)
_LOCK_STAFF = text(
    "SELECT staff_ref FROM staff WHERE staff_ref = ANY(:refs) ORDER BY staff_ref FOR UPDATE"
)
_DELIVERED_FIRST = text("""
    SELECT asked.n
    FROM unnest(CAST(:plans AS text[]), CAST(:supports AS text[]), CAST(:days AS text[]))
        WITH ORDINALITY AS asked (plan_id, support, day, n)
    LEFT JOIN plan_files USING (plan_id)
    WHERE ((body -> 'supports' -> asked.support ->> 0) COLLATE "C" <= asked.day) IS NOT TRUE
""")


async def cases_locked(session: AsyncSession, refs: Iterable[str]) -> dict[str, PupilCase]:
    """The cases of pupils, their rows locked in order; an unknown pupil's row is made."""
    names = sorted(set(refs))
    asked = select(PUPILS).where(among(PUPILS.c.pupil_ref, names)).order_by(PUPILS.c.pupil_ref)
    found = (await session.execute(asked.with_for_update())).all()
    if len(found) < len(names):
        new: list[tuple[Any, ...]] = [(ref, 0, [], {}) for ref in names]
        await insert_rows(session, PUPILS, new, "ON CONFLICT DO NOTHING")
        found = (await session.execute(asked.with_for_update())).all()
    cases = {
        row.pupil_ref: PupilCase(row.pupil_ref, row.version, row.arrivals, row.named)
        for row in found
    }
    files = await session.execute(select(PLAN_FILES).where(among(PLAN_FILES.c.pupil_ref, names)))
    for row in files:
        cases[row.pupil_ref].files[row.plan_id] = _file(row)
    return cases


async def keep_cases(session: AsyncSession, cases: Iterable[PupilCase]) -> None:
    """Write what identification said of pupils."""
    rows = [
        (case.pupil_ref, case.version, case.arrivals, case.named)
        for case in sorted(cases, key=lambda case: case.pupil_ref)
    ]
    await insert_rows(session, PUPILS, rows, _KEEP_PUPILS)


async def delivered_first(session: AsyncSession, days: Mapping[Claimed, str]) -> list[Claimed]:
    """Which compensations (plan, type, month) were not delivered on these days or earlier."""
    if not days:
        return []
    claims = list(days)
    values = {
        "plans": [plan for plan, _, _ in claims],
        "supports": [compensation_name(kind, month) for _, kind, month in claims],
        "days": list(days.values()),
    }
    rows = await session.execute(_DELIVERED_FIRST, values)
    return [claims[n - 1] for n in rows.scalars()]


async def keep_files(session: AsyncSession, files: Iterable[PlanFile]) -> None:
    """Write plans."""
    rows = [
        (file.plan_id, file.pupil_ref, file.semester, *file.place, file.body)
        for file in sorted(files, key=lambda file: file.plan_id)
    ]
    await insert_rows(session, PLAN_FILES, rows, _KEEP_FILES)


async def pupils_in(session: AsyncSession, municipalities: Iterable[str]) -> list[str]:
    """The pupils with a plan or naming in these municipalities."""
    places = sorted(set(municipalities))
    in_plans = select(PLAN_FILES.c.pupil_ref).where(among(PLAN_FILES.c.municipality_id, places))
    found = set((await session.execute(in_plans.distinct())).scalars())
    for case in await all_cases(session, named_only=True):
        if any(naming["place"][2] in places for naming in case.named.values()):
            found.add(case.pupil_ref)
    return sorted(found)


async def staff_in(session: AsyncSession, municipalities: Iterable[str]) -> list[str]:
    """The staff with work in these municipalities."""
    asked = select(STAFF_WORK.c.staff_ref).where(
        among(STAFF_WORK.c.municipality_id, municipalities)
    )
    return list((await session.execute(asked.distinct())).scalars())


async def files_where(
    session: AsyncSession, semesters: Sequence[str] | None, place: dict[str, str]
) -> list[PlanFile]:
    """The plans of a place (by column) in these semesters, all where none are named."""
    asked = select(PLAN_FILES).where(*_at(PLAN_FILES.c, semesters, place))
    rows = (await session.execute(asked.order_by(PLAN_FILES.c.plan_id))).all()
    return [_file(row) for row in rows]


async def all_cases(session: AsyncSession, *, named_only: bool = False) -> list[PupilCase]:
    """All pupils, or those named at risk, without their plans."""
    asked = select(PUPILS)
    if named_only:
        asked = asked.where(PUPILS.c.named != text("'{}'::jsonb"))
    rows = await session.execute(asked)
    return [PupilCase(r.pupil_ref, r.version, r.arrivals, r.named) for r in rows]


def _at(
    columns: Any, semesters: Sequence[str] | None, place: dict[str, str]
) -> list[ColumnElement[bool]]:
    conditions = [columns[name] == value for name, value in place.items()]
    if semesters is not None:
        conditions.append(columns.semester.in_(semesters))
    return conditions


def _file(row: Any) -> PlanFile:
    place = Place(row.school_id, row.partner, row.municipality_id)
    return PlanFile(row.plan_id, row.pupil_ref, row.semester, place, **row.body)


async def new_consultations(
    session: AsyncSession, told: Iterable[tuple[str, str]]
) -> frozenset[str]:
    """Write (consultation, plan) pairs; gives the consultations that were not known."""
    rows = sorted(set(told))
    tail = "ON CONFLICT DO NOTHING RETURNING consultation_id"
    return frozenset(row[0] for row in await insert_rows(session, CONSULTATIONS, rows, tail))


async def lock_staff(session: AsyncSession, refs: Iterable[str]) -> None:
    """Take the rows of staff in order; those of new ones are made."""
    names = sorted(set(refs))
    found = (await session.execute(_LOCK_STAFF, {"refs": names})).all()
    if len(found) < len(names):
        await insert_rows(session, STAFF, [(ref,) for ref in names], "ON CONFLICT DO NOTHING")
        await session.execute(_LOCK_STAFF, {"refs": names})


async def work_known(
    session: AsyncSession, names: Iterable[tuple[str, str, str, str]]
) -> dict[tuple[str, str, str, str], str]:
    """Since when work is known, by (staff, plan, role, kind); perhaps more than asked."""
    table = STAFF_WORK.c
    wanted = list(names)
    asked = select(table.staff_ref, table.plan_id, table.role, table.kind, table.since).where(
        among(table.staff_ref, (name[0] for name in wanted)),
        among(table.plan_id, (name[1] for name in wanted)),
    )
    rows = (await session.execute(asked)).all()
    return {(r.staff_ref, r.plan_id, r.role, r.kind): r.since for r in rows}


async def staff_of_plans(session: AsyncSession, plan_ids: Iterable[str]) -> list[str]:
    """Everybody who worked on these plans."""
    asked = select(STAFF_WORK.c.staff_ref).where(among(STAFF_WORK.c.plan_id, plan_ids))
    return list((await session.execute(asked.distinct())).scalars())


async def work_of(session: AsyncSession, refs: Iterable[str]) -> list[Work]:
    """All work of these persons, one entry for each role, kind, place and semester."""
    rows = await session.execute(_WORK_OF, {"refs": sorted(set(refs))})
    return [_work(row) for row in rows]


_WORK_OF = text("""
    SELECT staff_ref, role, kind, school_id, partner, municipality_id, semester,
           min(since) AS since
    FROM staff_work WHERE staff_ref = ANY(:refs)
    GROUP BY staff_ref, role, kind, school_id, partner, municipality_id, semester
""")


async def work_where(
    session: AsyncSession, semesters: Sequence[str] | None, place: dict[str, str]
) -> list[Work]:
    """All work at a place in these semesters."""
    asked = select(STAFF_WORK).where(*_at(STAFF_WORK.c, semesters, place))
    return [_work(row) for row in (await session.execute(asked)).all()]


def _work(row: Any) -> Work:
    place = Place(row.school_id, row.partner, row.municipality_id)
    return Work(row.staff_ref, row.role, row.kind, place, row.semester, row.since)


async def keep_work(session: AsyncSession, rows: Iterable[tuple[str, ...]]) -> None:
    """Write work in the order of the table's columns; the earliest day stays."""
    tail = (
        "ON CONFLICT (staff_ref, plan_id, role, kind) DO UPDATE "
        "SET since = least(staff_work.since, EXCLUDED.since)"
    )
    await insert_rows(session, STAFF_WORK, sorted(rows), tail)


async def forget_work(session: AsyncSession, plans: Iterable[str]) -> None:
    """Take away all work on deleted plans."""
    await session.execute(delete(STAFF_WORK).where(among(STAFF_WORK.c.plan_id, plans)))
