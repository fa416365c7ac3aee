"""What a school teaches, up to which grade, and when its entry in the register holds."""

from dataclasses import dataclass
from datetime import date

from shared.errors import Invalid, NotFound, Refused

HIGHEST = {"general": 12, "vocational": 4}
PROGRAMMES_AT = {
    "general": frozenset({"general"}),
    "vocational": frozenset({"vocational"}),
    "general_with_vocational": frozenset({"general", "vocational"}),
}
GRADE_MAX_AT = {"primary_school": 6, "basic_school": 9}
"""Highest general grade of kinds of schools that do not have all twelve."""


class GradeOutOfRange(Invalid):
    """General education has grades 1 to 12, vocational programmes courses 1 to 4."""

    code = "grade-out-of-range"


class ProgrammeNotAtSchool(Refused):
    """This school does not teach this kind of programme or this grade."""

    code = "programme-not-at-school"


class SchoolNotOpen(Refused):
    """The school's entry in the register is not in force on this day."""

    code = "school-not-open"


class UnknownSchool(NotFound):
    """The register has no school of this id."""

    code = "unknown-school"


@dataclass(frozen=True)
class Place:
    """What of a school matters for a pupil in it."""

    school_id: str
    school_kind: str
    institution_type: str
    municipality_id: str
    partner: str
    valid_from: date
    valid_to: date | None


def check_programme(programme: str, grade: int, place: Place) -> None:
    """Raise GradeOutOfRange or ProgrammeNotAtSchool."""
    if not 1 <= grade <= HIGHEST[programme]:
        raise GradeOutOfRange(field="grade", programme=programme, highest=HIGHEST[programme])
    if programme not in PROGRAMMES_AT[place.institution_type]:
        raise ProgrammeNotAtSchool(field="programme", institution_type=place.institution_type)
    highest = GRADE_MAX_AT.get(place.school_kind, HIGHEST["general"])
    if programme == "general" and grade > highest:
        raise ProgrammeNotAtSchool(field="grade", school_kind=place.school_kind, highest=highest)


def check_open(place: Place, day: date) -> None:
    """Raise SchoolNotOpen."""
    if day < place.valid_from or (place.valid_to is not None and day > place.valid_to):
        raise SchoolNotOpen(field="school_id", school_id=place.school_id, day=day.isoformat())
