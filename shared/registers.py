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
    StaffGranted,
    StaffRevoked,
)
from shared.contracts.school_days import SemesterDefined
from shared.errors import NotFound
from shared.register_rows import add_register_tables
from shared.school_days import EVERYWHERE, Calendar, GradeDays, SemesterDates

TABLES = add_register_tables(MetaData())


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
    """Project semesters of the country, of municipalities and of single schools."""
    listed = {"breaks", "days_off", "extra_days", "grades"}
    rows = [
        r.fact.model_dump(exclude=listed)
        | r.fact.model_dump(mode="json", include=listed)
        | {"place": r.fact.school_id or r.fact.municipality_id or EVERYWHERE}
        for r in received
    ]
    await _keep(session, TABLES.semesters, rows, "semester", "place")


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
    session: AsyncSession, places: Iterable[str] = ()
) -> dict[tuple[str, str], SemesterDates]:
    """The calendar by (semester, place), the country's entries and those of the places named."""
    table = TABLES.semesters
    named = [EVERYWHERE, *sorted(set(places))]
    rows = (await session.execute(select(table).where(table.c.place.in_(named)))).mappings()
    return {(row["semester"], row["place"]): _dates(row) for row in rows}


def dates_of(calendar: Calendar, semester: str, *places: str) -> SemesterDates:
    """The dates of a semester: of several places the first that has some, else the country's."""
    for place in (*places, EVERYWHERE):
        if (semester, place) in calendar:
            return calendar[semester, place]
    raise NoSemester(semester=semester)


def _dates(row: Mapping[Any, Any]) -> SemesterDates:
    """A calendar entry as a value."""
    return SemesterDates(
        semester=row["semester"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        breaks=_spans(row["breaks"]),
        days_off=frozenset(map(date.fromisoformat, row["days_off"])),
        extra_days=frozenset(map(date.fromisoformat, row["extra_days"])),
        grades=tuple(
            GradeDays(
                programme=own["programme"],
                grade=own["grade"],
                first_day=_day(own["first_day"]),
                last_day=_day(own["last_day"]),
                breaks=_spans(own["breaks"]),
            )
            for own in row["grades"]
        ),
    )


def _spans(kept: Iterable[Sequence[str]]) -> tuple[tuple[date, date], ...]:
    """Breaks as a row keeps them."""
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in kept)


def _day(kept: str | None) -> date | None:
    """A day as a row keeps it."""
    return None if kept is None else date.fromisoformat(kept)


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
