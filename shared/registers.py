"""Reference data as told on `identification.registers.v1`, projected alike in every service.

Identification writes the same tables for its own rows, through the same functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import MetaData, Table, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import Grant, Role
from shared.bus.consume import Consumer
from shared.contracts.base import Received
from shared.contracts.identification import (
    REGISTERS,
    MunicipalityRegistered,
    ParameterSet,
    SchoolRegistered,
    SemesterDefined,
    StaffGranted,
    StaffRevoked,
)
from shared.errors import NotFound
from shared.register_rows import add_register_tables

TABLES = add_register_tables(MetaData())
EVERYWHERE = ""


class NoSemester(NotFound):
    """The calendar does not know this semester."""

    code = "unknown-semester"


@dataclass(frozen=True)
class Municipality:
    """An entry of the register of municipalities; codes are dated attributes."""

    municipality_id: str
    name_lv: str
    name_en: str
    codes: tuple[Mapping[str, str | None], ...]
    successor_id: str | None
    valid_from: date | None
    valid_to: date | None
    partner_since: date | None

    def code_on(self, day: date) -> str | None:
        """The territory code in force on a day."""
        iso = day.isoformat()
        for code in self.codes:
            if (code["valid_from"] or "") <= iso <= (code["valid_to"] or "9999"):
                return code["code"]
        return None


@dataclass(frozen=True)
class School:
    """An entry of the register of schools."""

    school_id: str
    name_lv: str
    name_en: str
    school_kind: str
    institution_type: str
    partner: str
    municipality_id: str
    state_vocational: bool
    status: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class SemesterDates:
    """First and last day of a semester and its breaks (first and last day of each)."""

    semester: str
    first_day: date
    last_day: date
    breaks: tuple[tuple[date, date], ...]


async def _keep(
    session: AsyncSession, table: Table, facts: Iterable[Mapping[str, Any]], *keys: str
) -> None:
    """Write entries; of one key the highest version stays, whatever the order."""
    columns = [column.name for column in table.c]
    rows = [{name: row[name] for name in columns if name in row} for row in facts]
    if not rows:
        return
    new = insert(table)
    changed = {name: new.excluded[name] for name in rows[0] if name not in keys}
    await session.execute(
        new.on_conflict_do_update(
            index_elements=list(keys),
            set_=changed,
            where=table.c.version < new.excluded.version,
        ),
        rows,
    )


async def keep_municipalities(
    session: AsyncSession, received: Sequence[Received[MunicipalityRegistered]]
) -> None:
    """Project municipalities."""
    rows = [
        r.fact.model_dump() | {"codes": [code.model_dump(mode="json") for code in r.fact.codes]}
        for r in received
    ]
    await _keep(session, TABLES.municipalities, rows, "municipality_id")


async def keep_schools(
    session: AsyncSession, received: Sequence[Received[SchoolRegistered]]
) -> None:
    """Project schools."""
    await _keep(session, TABLES.schools, [r.fact.model_dump() for r in received], "school_id")


async def keep_semesters(
    session: AsyncSession, received: Sequence[Received[SemesterDefined]]
) -> None:
    """Project semesters of the country and of single schools."""
    rows = [
        r.fact.model_dump()
        | {
            "school_id": r.fact.school_id or EVERYWHERE,
            "breaks": [[first.isoformat(), last.isoformat()] for first, last in r.fact.breaks],
        }
        for r in received
    ]
    await _keep(session, TABLES.semesters, rows, "semester", "school_id")


async def keep_grants(session: AsyncSession, received: Sequence[Received[StaffGranted]]) -> None:
    """Project grants."""
    await _keep(session, TABLES.grants, [r.fact.model_dump() for r in received], "grant_id")


async def end_grants(session: AsyncSession, received: Sequence[Received[StaffRevoked]]) -> None:
    """End grants on the day they were revoked; the grant itself came before under the same key."""
    grants = TABLES.grants
    ended = [
        {"ended": r.fact.grant_id, "day": r.fact.revoked_on, "number": r.fact.version}
        for r in sorted(received, key=lambda r: (r.fact.grant_id, r.fact.version))
    ]
    if not ended:
        return
    connection = await session.connection()
    await connection.execute(
        update(grants)
        .where(grants.c.grant_id == bindparam("ended"), grants.c.version < bindparam("number"))
        .values(revoked_on=bindparam("day"), version=bindparam("number")),
        ended,
    )


async def keep_parameters(
    session: AsyncSession, received: Sequence[Received[ParameterSet]]
) -> None:
    """Project the programme's parameters, which identification owns."""
    rows = [
        r.fact.model_dump()
        | {"valid_from": r.fact.valid_from or date.min, "owner": "identification"}
        for r in received
    ]
    await _keep(session, TABLES.parameters, rows, "name", "place", "valid_from")


REGISTERS_CONSUMER = Consumer(
    name="registers",
    topics=(REGISTERS,),
    handles={
        MunicipalityRegistered: keep_municipalities,
        SchoolRegistered: keep_schools,
        SemesterDefined: keep_semesters,
        StaffGranted: keep_grants,
        StaffRevoked: end_grants,
        ParameterSet: keep_parameters,
    },
)


async def municipalities(
    session: AsyncSession, ids: Iterable[str] | None = None
) -> dict[str, Municipality]:
    """Municipalities by id, all of them where no ids are given."""
    table = TABLES.municipalities
    asked = select(table)
    if ids is not None:
        asked = asked.where(table.c.municipality_id.in_(sorted(set(ids))))
    rows = (await session.execute(asked)).mappings()
    return {
        row["municipality_id"]: Municipality(
            **{k: v for k, v in row.items() if k not in ("version", "codes")},
            codes=tuple(row["codes"]),
        )
        for row in rows
    }


async def schools(session: AsyncSession, ids: Iterable[str] | None = None) -> dict[str, School]:
    """Schools by id, all of them where no ids are given."""
    table = TABLES.schools
    asked = select(table)
    if ids is not None:
        asked = asked.where(table.c.school_id.in_(sorted(set(ids))))
    rows = (await session.execute(asked)).mappings()
    return {
        row["school_id"]: School(**{k: v for k, v in row.items() if k != "version"}) for row in rows
    }


async def semesters(
    session: AsyncSession, school_ids: Iterable[str] = ()
) -> dict[tuple[str, str], SemesterDates]:
    """The calendar by (semester, school id); the country's entry has an empty school id."""
    table = TABLES.semesters
    places = [EVERYWHERE, *sorted(set(school_ids))]
    rows = (await session.execute(select(table).where(table.c.school_id.in_(places)))).mappings()
    return {(row["semester"], row["school_id"]): _dates(row) for row in rows}


def dates_of(
    calendar: Mapping[tuple[str, str], SemesterDates], semester: str, school_id: str | None = None
) -> SemesterDates:
    """The dates of a semester at a school: its own where it has some, otherwise the country's."""
    for place in (school_id or EVERYWHERE, EVERYWHERE):
        if (semester, place) in calendar:
            return calendar[semester, place]
    raise NoSemester(semester=semester)


async def semester_dates(
    session: AsyncSession, semester: str, school_id: str | None = None
) -> SemesterDates:
    """The dates of one semester at a school; raises NoSemester."""
    calendar = await semesters(session, [school_id] if school_id else [])
    return dates_of(calendar, semester, school_id)


def _dates(row: Mapping[Any, Any]) -> SemesterDates:
    """A calendar entry as a value."""
    return SemesterDates(
        semester=row["semester"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        breaks=tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in row["breaks"]),
    )


async def grants_of(session: AsyncSession, subject: str, day: date) -> tuple[Grant, ...]:
    """The grants of a subject that are in force on a day."""
    table = TABLES.grants
    rows = await session.execute(
        select(table)
        .where(table.c.subject == subject, table.c.valid_from <= day)
        .where(or_(table.c.valid_to.is_(None), table.c.valid_to >= day))
        .where(or_(table.c.revoked_on.is_(None), table.c.revoked_on > day))
        .order_by(table.c.grant_id)
    )
    return tuple(
        Grant(
            role=Role(row["role"]),
            organisation=row["organisation"],
            staff_ref=row["staff_ref"],
            staff_kind=row["staff_kind"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
        )
        for row in rows.mappings()
    )
