"""What the doors of the registers take: one line of each bulk command about places and rights."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.contracts.base import Code, Day, PupilRef, Semester, StaffRef
from shared.contracts.identification import TerritoryCode
from shared.contracts.school_days import GradeDates

Name = Annotated[str, Field(min_length=1, max_length=200)]
Short = Annotated[str, Field(min_length=1, max_length=300)]
Subject = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=20)]
BREAKS_MAX = 20
DAYS_MAX = 100
GRADES_MAX = 16


class Entry(BaseModel):
    """A line of a bulk command; an unknown field is an error, not a gift."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class MunicipalityEntry(Entry):
    """A municipality with its territory codes of all generations and who followed it."""

    municipality_id: Number
    name_lv: Name
    name_en: Name
    codes: tuple[TerritoryCode, ...] = ()
    successor_id: Number | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    partner_since: Day | None = None


class SchoolEntry(Entry):
    """A school, who pays for its pupils and where it stands."""

    school_id: Code
    name_lv: Name
    name_en: Name
    school_kind: Code
    institution_type: Literal["general", "vocational", "general_with_vocational"]
    partner: Number
    municipality_id: Number
    state_vocational: bool = False
    status: Literal["involved", "planned", "closed"] = "involved"
    valid_from: Day
    valid_to: Day | None = None


class SemesterEntry(Entry):
    """A semester of the country, of one municipality or of one school; the nearest entry holds."""

    semester: Semester
    school_id: Code | None = None
    municipality_id: Number | None = None
    first_day: Day
    last_day: Day
    breaks: Annotated[tuple[tuple[Day, Day], ...], Field(max_length=BREAKS_MAX)] = ()
    days_off: Annotated[tuple[Day, ...], Field(max_length=DAYS_MAX)] = ()
    extra_days: Annotated[tuple[Day, ...], Field(max_length=DAYS_MAX)] = ()
    grades: Annotated[tuple[GradeDates, ...], Field(max_length=GRADES_MAX)] = ()
    source: Short


def _split(value: Any) -> Any:
    """A cell of CSV may hold several codes between semicolons."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return value


class StaffEntry(Entry):
    """A member of staff; `subject` is who signs in, where that is known."""

    personal_code: str
    given_name: Name
    family_name: Name
    kind: Code
    school_ids: Annotated[tuple[Code, ...], BeforeValidator(_split)]
    subject: Subject | None = None
    email: Annotated[str, Field(max_length=200)] | None = None


class GrantEntry(Entry):
    """A role for a person in an organisation: a school, a registration number or `state`.

    A parent's organisation is the reference of the pupil.
    """

    grant_id: Code | None = None
    subject: Subject
    role: Code
    organisation: Annotated[str, Field(min_length=1, max_length=80)]
    staff_ref: StaffRef | None = None
    staff_kind: Code | None = None
    valid_from: Day
    valid_to: Day | None = None


class RevocationEntry(Entry):
    """A grant that ends; it does not hold on the day it is revoked any more."""

    grant_id: Code
    revoked_on: Day
    reason_code: Code


class Names(Entry):
    """References somebody wants to read as names, and why."""

    refs: Annotated[tuple[PupilRef | StaffRef, ...], Field(min_length=1, max_length=2_000)]
    reason: Short
