"""A pupil in the register: what it knows, what may change and what a change is.

Pure rules of plain values; names and codes are sealed elsewhere and only compared here.
"""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from services.identification.personal_code import PersonalCode
from services.identification.schooling import HIGHEST, Place, check_open, check_programme
from shared.calendar import TIMEZONE, age_on, birthday
from shared.errors import Invalid, NotFound, Refused

ADULT_YEARS = 18
AGE_MIN = 4
AGE_MAX = 100
_IDS = uuid.UUID("5a1f6f0e-6d0b-5d53-9c0b-8f8a6a3b7c11")
_LETTERS = re.compile(r"[^\W\d_]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BirthDateDiffers(Invalid):
    """The birth date is not the one the personal code tells."""

    code = "birth-date-differs"


class BirthDateImplausible(Invalid):
    """A pupil is at least 4 and at most 100 years old on the day of entry."""

    code = "birth-date-implausible"


class NameUnreadable(Invalid):
    """A name has letters in it and no control characters."""

    code = "name-unreadable"


class UnknownPupil(NotFound):
    """The register has no such pupil."""

    code = "unknown-pupil"


class EnrolledElsewhere(Refused):
    """The pupil is in the register of another school: tell the move instead of a new entry."""

    code = "enrolled-elsewhere"


class PupilLeftSchool(Refused):
    """The pupil left school."""

    code = "pupil-left"


class NotTheNextGrade(Refused):
    """A promotion leads to the next grade or course that the programme has."""

    code = "not-the-next-grade"


class BeforePresentStay(Refused):
    """A change of school or grade comes after the day from which the present one holds."""

    code = "before-present-stay"


class SameSchool(Refused):
    """The pupil is at this school already; correct programme or grade by a new entry."""

    code = "same-school"


class InTheFuture(Invalid):
    """This day is still to come."""

    code = "in-the-future"


class Status(StrEnum):
    """Where a pupil stands in the register."""

    ENROLLED = "enrolled"
    LEFT = "left"


class Change(StrEnum):
    """What a register's line means for what is known."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Identity:
    """Who somebody is; lies sealed in the database and never travels."""

    personal_code: str
    given_name: str
    family_name: str
    birth_date: str | None = None
    email: str | None = None

    @property
    def born(self) -> date:
        """The birth date; only pupils have one."""
        assert self.birth_date is not None
        return date.fromisoformat(self.birth_date)

    @property
    def signs_alone_from(self) -> date:
        """The day from which the pupil is an adult."""
        return birthday(self.born, ADULT_YEARS)


@dataclass(frozen=True)
class Pupil:
    """A pupil as the register holds it now; `version` grows with every fact told."""

    pupil_ref: str
    version: int
    status: Status
    school_id: str
    municipality_id: str
    partner: str
    programme: str
    grade: int
    sex: str
    valid_from: date
    left_on: date | None = None
    is_synthetic: bool = False


def day_of(now: datetime) -> date:
    """The day in Riga."""
    return now.astimezone(TIMEZONE).date()


def made_id(kind: str, *parts: object) -> str:
    """An id that follows from what it names: asking again gives the same."""
    return f"{kind}-{uuid.uuid5(_IDS, '/'.join([kind, *map(str, parts)]))}"


def check_not_future(day: date, *, today: date, field: str) -> None:
    """Raise InTheFuture."""
    if day > today:
        raise InTheFuture(field=field, day=day.isoformat(), today=today.isoformat())


def check_name(text: str, *, field: str) -> None:
    """Raise NameUnreadable."""
    if not _LETTERS.search(text) or _CONTROL.search(text):
        raise NameUnreadable(field=field)


def check_birth_date(born: date, code: PersonalCode, *, day: date) -> None:
    """Raise BirthDateDiffers or BirthDateImplausible."""
    if code.born is not None and code.born != born:
        raise BirthDateDiffers(field="birth_date")
    if born > day or not AGE_MIN <= age_on(born, day) <= AGE_MAX:
        raise BirthDateImplausible(field="birth_date")


def entered(before: Pupil | None, told: Pupil, *, same_person: bool) -> tuple[Change, Pupil]:
    """What a register's line makes of a pupil; raises EnrolledElsewhere.

    `told` is the pupil as the line says, `same_person` whether names and birth date are as
    before. Another start day alone is no change: registers repeat their lists.
    """
    if before is None:
        return Change.NEW, replace(told, version=1)
    if before.status is Status.LEFT:
        return Change.CHANGED, replace(told, version=before.version + 1)
    if before.school_id != told.school_id:
        raise EnrolledElsewhere(field="school_id")
    kept = replace(
        told,
        version=before.version,
        valid_from=before.valid_from,
        municipality_id=before.municipality_id,
        partner=before.partner,
    )
    if kept == before and same_person:
        return Change.UNCHANGED, before
    if kept.grade != before.grade or kept.programme != before.programme:
        kept = replace(kept, valid_from=max(before.valid_from, told.valid_from))
    return Change.CHANGED, replace(kept, version=before.version + 1)


def check_enrolled(pupil: Pupil) -> None:
    """Raise PupilLeftSchool."""
    if pupil.status is not Status.ENROLLED:
        raise PupilLeftSchool(field="pupil_ref")


def promoted(pupil: Pupil, *, grade: int | None, day: date, place: Place) -> Pupil | None:
    """The pupil in the next grade; None where that was told before.

    Raises NotTheNextGrade, BeforePresentStay, PupilLeftSchool, ProgrammeNotAtSchool.
    """
    check_enrolled(pupil)
    if pupil.valid_from == day and grade in (None, pupil.grade):
        return None
    following = pupil.grade + 1
    if (grade or following) != following or following > HIGHEST[pupil.programme]:
        raise NotTheNextGrade(field="grade", present=pupil.grade, programme=pupil.programme)
    if day <= pupil.valid_from:
        raise BeforePresentStay(field="valid_from", present_from=pupil.valid_from.isoformat())
    check_programme(pupil.programme, following, place)
    return replace(pupil, grade=following, valid_from=day, version=pupil.version + 1)


def moved(
    pupil: Pupil, *, to: Place, programme: str | None, grade: int | None, day: date
) -> Pupil | None:
    """The pupil at another school; None where that was told before.

    Raises BeforePresentStay, SameSchool, PupilLeftSchool, and what check_open and
    check_programme raise.
    """
    check_enrolled(pupil)
    after = replace(
        pupil,
        school_id=to.school_id,
        municipality_id=to.municipality_id,
        partner=to.partner,
        programme=programme or pupil.programme,
        grade=pupil.grade if grade is None else grade,
        valid_from=day,
    )
    if after == pupil:
        return None
    check_open(to, day)
    check_programme(after.programme, after.grade, to)
    if to.school_id == pupil.school_id:
        raise SameSchool(field="to_school_id")
    if day < pupil.valid_from:
        raise BeforePresentStay(field="valid_from", present_from=pupil.valid_from.isoformat())
    return replace(after, version=pupil.version + 1)


def departed(pupil: Pupil, *, day: date) -> Pupil | None:
    """The pupil after leaving; None where that was told before. Raises BeforePresentStay."""
    if pupil.status is Status.LEFT:
        return None
    if day < pupil.valid_from:
        raise BeforePresentStay(field="left_on", present_from=pupil.valid_from.isoformat())
    return replace(pupil, status=Status.LEFT, left_on=day, version=pupil.version + 1)
