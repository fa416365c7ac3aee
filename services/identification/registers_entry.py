"""Entering places and semesters: each new or changed entry is kept and told with a new version."""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import place_rules, store
from services.identification.entries import MunicipalityEntry, SchoolEntry, SemesterEntry
from services.identification.grants import settle_waiting
from services.identification.schooling import UnknownSchool
from services.identification.verdicts import judged, once
from services.identification.vocabulary import SCHOOL_KINDS
from shared import registers
from shared.auth import STATE, Person, Role
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.identification import MunicipalityRegistered, RegisterFact, SchoolRegistered
from shared.contracts.school_days import SemesterDefined

F = TypeVar("F", bound=RegisterFact)
TABLES = registers.TABLES


async def register_municipalities(
    session: AsyncSession,
    lines: Sequence[tuple[int, MunicipalityEntry]],
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Enter or change municipalities; a successor may stand in the same command."""
    by.must({Role.STATE_OFFICER}, STATE)
    await store.lock_registers(session)
    before = await _all(session, TABLES.municipalities, "municipality_id")
    lines, refusals = once(lines, lambda entry: entry.municipality_id)
    sound, wrong = judged(lines, _sound_municipality)
    found, orphans = _with_known_successors(sound, before)
    facts, answers = _facts(
        [(number, {**entry.model_dump()}, entry.municipality_id) for number, entry in found],
        before,
        lambda row: MunicipalityRegistered(
            register_key=f"municipality:{row['municipality_id']}", **row
        ),
    )
    await registers.keep_municipalities(session, store.as_received(facts, now))
    await publish(session, facts, at=now)
    await settle_waiting(session, by=by, now=now)
    return [*answers, *refusals, *wrong, *orphans]


def _sound_municipality(entry: MunicipalityEntry) -> MunicipalityEntry:
    """The entry, if what it says by itself is right."""
    place_rules.check_municipality(entry)
    return entry


def _with_known_successors(
    lines: Sequence[tuple[int, MunicipalityEntry]], before: Mapping[str, Mapping[str, Any]]
) -> tuple[list[tuple[int, MunicipalityEntry]], list[LineAnswer]]:
    """Lines whose successors are known; one that falls away may take others with it."""
    good, answers = list(lines), []
    while True:
        successors = {key: row["successor_id"] for key, row in before.items()}
        successors |= {entry.municipality_id: entry.successor_id for _, entry in good}

        def check(entry: MunicipalityEntry, known: Any = successors) -> MunicipalityEntry:
            place_rules.check_successors(entry, known)
            return entry

        good, bad = judged(good, check)
        answers += bad
        if not bad:
            return good, answers


async def register_schools(
    session: AsyncSession, lines: Sequence[tuple[int, SchoolEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Enter or change schools; the municipality must be there."""
    by.must({Role.STATE_OFFICER}, STATE)
    await store.lock_registers(session)
    places = await registers.municipalities(session)
    before = await _all(session, TABLES.schools, "school_id")
    lines, refusals = once(lines, lambda entry: entry.school_id)

    def sound(entry: SchoolEntry) -> SchoolEntry:
        place_rules.check_school(entry, municipalities=places, kinds=SCHOOL_KINDS)
        return entry

    found, wrong = judged(lines, sound)
    facts, answers = _facts(
        [(number, entry.model_dump(), entry.school_id) for number, entry in found],
        before,
        lambda row: SchoolRegistered(register_key=f"school:{row['school_id']}", **row),
    )
    await registers.keep_schools(session, store.as_received(facts, now))
    await publish(session, facts, at=now)
    await settle_waiting(session, by=by, now=now)
    return [*answers, *refusals, *wrong]


async def define_semesters(
    session: AsyncSession, lines: Sequence[tuple[int, SemesterEntry]], *, by: Person, now: datetime
) -> list[LineAnswer]:
    """Enter or change the calendar, of the country, of municipalities or of single schools."""
    by.must({Role.STATE_OFFICER}, STATE)
    await store.lock_registers(session)
    rows = (await session.execute(select(TABLES.semesters))).mappings()
    places = await registers.municipalities(session)
    entries = [_kept_semester(row, places) for row in rows]
    before = {_calendar_key(kept): kept for kept in entries}
    schools = await registers.schools(session, {e.school_id for _, e in lines if e.school_id})
    lines, refusals = once(lines, lambda entry: _calendar_key(entry.model_dump()))

    def sound(entry: SemesterEntry) -> SemesterEntry:
        place_rules.check_semester(entry)
        if entry.school_id is not None and entry.school_id not in schools:
            raise UnknownSchool(field="school_id", school_id=entry.school_id)
        if entry.municipality_id is not None and entry.municipality_id not in places:
            raise place_rules.UnknownMunicipality(
                field="municipality_id", municipality_id=entry.municipality_id
            )
        return entry

    found, wrong = judged(lines, sound)
    facts, answers = _facts(
        [
            (number, entry.model_dump(), _calendar_key(entry.model_dump()))
            for number, entry in found
        ],
        before,
        lambda row: SemesterDefined(register_key=f"semester:{_calendar_key(row)}", **row),
    )
    await registers.keep_semesters(session, store.as_received(facts, now))
    await publish(session, facts, at=now)
    return [*answers, *refusals, *wrong]


def _calendar_key(row: Mapping[str, Any]) -> str:
    """A semester's entry by code, and by place where the dates are a place's own."""
    place = row["school_id"] or row["municipality_id"]
    return f"{row['semester']}:{place}" if place else str(row["semester"])


def _kept_semester(row: Mapping[Any, Any], municipalities: Container[str]) -> dict[str, Any]:
    """A row of the calendar as an entry, its place a municipality's or a school's."""
    place = row["place"] or None
    scope = "municipality_id" if place in municipalities else "school_id"
    return {**row, "school_id": None, "municipality_id": None, scope: place}


async def _all(session: AsyncSession, table: Table, key: str) -> dict[str, Mapping[str, Any]]:
    """All entries of a register of places; there are hundreds, not millions."""
    rows = (await session.execute(select(table))).mappings()
    return {row[key]: dict(row) for row in rows}


def _facts(
    lines: Sequence[tuple[int, dict[str, Any], str]],
    before: Mapping[str, Mapping[str, Any]],
    fact_of: Callable[[Mapping[str, Any]], F],
) -> tuple[list[F], list[LineAnswer]]:
    """Facts of entries that are new or changed, with the next version; an answer for each line."""
    facts, answers = [], []
    for number, fields, key in lines:
        known = fact_of(before[key]) if key in before else None
        fact = fact_of({**fields, "version": known.version if known else 1})
        answers.append(accepted(number, key, changed=fact != known))
        if fact != known:
            facts.append(fact.model_copy(update={"version": known.version + 1 if known else 1}))
    return facts, answers
