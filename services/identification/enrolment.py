"""Entering pupils as registers deliver them: a list sent twice changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.identification import domain, store
from services.identification.domain import Change, Identity, Pupil, Status
from services.identification.grants import settle_waiting_for
from services.identification.personal_code import PersonalCode, read_personal_code
from services.identification.pupil_entries import PupilEntry
from services.identification.schooling import (
    Place,
    UnknownSchool,
    check_open,
    check_programme,
)
from services.identification.store import PUPILS, STAYS, Row
from services.identification.verdicts import judged, once
from shared import registers
from shared.auth import STATE, Person, Role
from shared.bulk import LineAnswer, accepted
from shared.bus.outbox import publish
from shared.contracts.identification import PupilEnrolled, PupilFact
from shared.errors import NotReady
from shared.privacy import FieldCipher

ENTERED_BY = (Role.SCHOOL_REGISTER, Role.SCHOOL_COORDINATOR)


class PupilsBusy(NotReady):
    """Somebody enters the same pupils at this moment; try again."""

    code = "pupils-busy"


@dataclass(frozen=True)
class Candidate:
    """A line that is right by itself: who, where, in which grade."""

    entry: PupilEntry
    code: PersonalCode
    pupil_ref: str
    place: Place

    @property
    def who(self) -> Identity:
        """Who the line says the pupil is."""
        return Identity(
            personal_code=self.code.digits,
            given_name=self.entry.given_name,
            family_name=self.entry.family_name,
            birth_date=self.entry.birth_date.isoformat(),
        )

    @property
    def pupil(self) -> Pupil:
        """The pupil as the line says."""
        return Pupil(
            pupil_ref=self.pupil_ref,
            version=0,
            status=Status.ENROLLED,
            school_id=self.place.school_id,
            municipality_id=self.place.municipality_id,
            partner=self.place.partner,
            programme=self.entry.programme,
            grade=self.entry.grade,
            sex=self.entry.sex,
            valid_from=self.entry.valid_from,
            is_synthetic=self.code.is_synthetic,
        )


@dataclass(frozen=True)
class Outcome:
    """What a line makes of a pupil."""

    change: Change
    before: Pupil | None
    pupil: Pupil
    who: Identity
    warnings: tuple[str, ...]

    @property
    def is_told(self) -> bool:
        """Whether others learn of it; a corrected name concerns nobody else."""
        if self.before is None or self.change is Change.UNCHANGED:
            return self.change is Change.NEW
        return self.pupil != replace(self.before, version=self.pupil.version)


async def enter_pupils(
    session: AsyncSession,
    lines: Sequence[tuple[int, PupilEntry]],
    import_id: str,
    *,
    by: Person,
    now: datetime,
) -> list[LineAnswer]:
    """Enter new pupils, correct known ones, leave alone what is as it was."""
    places = await places_of(session, {entry.school_id for _, entry in lines})
    references = store.pseudonyms(session)

    def candidate(entry: PupilEntry) -> Candidate:
        code = read_personal_code(entry.personal_code)
        place = checked_place(entry.school_id, places, by=by)
        _check(entry, code, place)
        return Candidate(entry, code, references.pupil_ref(code.digits), place)

    sound, wrong = judged(lines, candidate)
    sound, twice = once(sound, lambda item: item.pupil_ref)
    known = await store.pupils_locked(session, [item.pupil_ref for _, item in sound])
    seals = store.cipher(session)
    good, refusals = judged(sound, lambda item: _outcome(item, known, seals))
    outcomes = [outcome for _, outcome in good]
    await _save(session, outcomes, seals, import_id=import_id, by=by, now=now)
    await publish(session, [_fact(outcome) for outcome in outcomes if outcome.is_told], at=now)
    new = {outcome.pupil.pupil_ref for outcome in outcomes if outcome.change is Change.NEW}
    await settle_waiting_for(session, new, by=by, now=now)
    return [*wrong, *twice, *refusals, *(_answer(line, outcome) for line, outcome in good)]


async def places_of(session: AsyncSession, school_ids: Collection[str]) -> dict[str, Place]:
    """Schools by id, as far as they matter for pupils."""
    schools = await registers.schools(session, school_ids)
    return {
        key: Place(**{name: getattr(school, name) for name in Place.__dataclass_fields__})
        for key, school in schools.items()
    }


def checked_place(school_id: str, places: Mapping[str, Place], *, by: Person) -> Place:
    """The school, if the person keeps its register; raises UnknownSchool, OutsideScope."""
    place = places.get(school_id)
    if place is None:
        by.must(ENTERED_BY, school_id, STATE)
        raise UnknownSchool(field="school_id", school_id=school_id)
    by.must(ENTERED_BY, school_id, place.partner, place.municipality_id, STATE)
    return place


def _check(entry: PupilEntry, code: PersonalCode, place: Place) -> None:
    """Raise what is wrong with a line by itself."""
    domain.check_name(entry.given_name, field="given_name")
    domain.check_name(entry.family_name, field="family_name")
    domain.check_birth_date(entry.birth_date, code, day=entry.valid_from)
    check_programme(entry.programme, entry.grade, place)
    check_open(place, entry.valid_from)


def _outcome(
    item: Candidate, known: Mapping[str, tuple[Pupil, bytes]], seals: FieldCipher
) -> Outcome:
    """What the line changes; raises EnrolledElsewhere."""
    before, person_sealed = known.get(item.pupil_ref, (None, b""))
    same = before is not None and store.opened(seals, person_sealed) == item.who
    change, pupil = domain.entered(before, item.pupil, same_person=same)
    return Outcome(change, before, pupil, item.who, item.code.warnings)


async def _save(
    session: AsyncSession,
    outcomes: Sequence[Outcome],
    seals: FieldCipher,
    *,
    import_id: str,
    by: Person,
    now: datetime,
) -> None:
    """Keep new and changed pupils and their stays; raises PupilsBusy."""

    def row(outcome: Outcome) -> Row:
        sealed = store.sealed(seals, outcome.who)
        return pupil_row(outcome.pupil, by=by, now=now) | {"person_sealed": sealed}

    new = [row(outcome) for outcome in outcomes if outcome.change is Change.NEW]
    if len(await store.add_new(session, PUPILS, new)) != len(new):
        raise PupilsBusy()
    changed = [row(outcome) for outcome in outcomes if outcome.change is Change.CHANGED]
    await store.keep(session, PUPILS, changed)
    stays = [
        stay_row(outcome.pupil, how="entered", by=by, now=now, import_id=import_id)
        for outcome in outcomes
        if outcome.change is not Change.UNCHANGED
    ]
    await store.add(session, STAYS, stays)


def pupil_row(pupil: Pupil, *, by: Person, now: datetime) -> dict[str, object]:
    """A pupil as the table keeps it, without who it is."""
    fields = {name: getattr(pupil, name) for name in Pupil.__dataclass_fields__}
    return fields | {"changed_by": by.subject, "changed_at": now}


def stay_row(
    pupil: Pupil,
    *,
    how: str,
    by: Person,
    now: datetime,
    import_id: str | None = None,
    reason_code: str | None = None,
) -> Row:
    """One line of a pupil's history: where, in which grade, since when, who entered it."""
    kept = ("pupil_ref", "version", "school_id", "municipality_id", "partner", "programme")
    return {name: getattr(pupil, name) for name in (*kept, "grade", "valid_from", "left_on")} | {
        "how": how,
        "reason_code": reason_code,
        "entered_by": by.subject,
        "entered_at": now,
        "import_id": import_id,
    }


def common(pupil: Pupil) -> dict[str, object]:
    """What every fact about a pupil carries."""
    return {name: getattr(pupil, name) for name in PupilFact.model_fields}


def _fact(outcome: Outcome) -> PupilEnrolled:
    """The fact for the others; the birthday stays here, who signs is decided here."""
    pupil = outcome.pupil
    return PupilEnrolled(
        **common(pupil),
        programme=pupil.programme,
        grade=pupil.grade,
        sex=pupil.sex,
        signs_alone_from=None,
        valid_from=pupil.valid_from,
    )


def _answer(line: int, outcome: Outcome) -> LineAnswer:
    """Accepted, with what changed and what looks odd."""
    return accepted(
        line,
        outcome.pupil.pupil_ref,
        changed=outcome.change is not Change.UNCHANGED,
        school_id=outcome.pupil.school_id,
        warnings=list(outcome.warnings),
    )
