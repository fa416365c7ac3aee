"""What identification says of days: the calendars of schools, and who was away.

Reasons for being away never leave the school.
"""

from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.base import Code, Day, RegistrationNumber, Semester
from shared.contracts.identification import Programme, PupilFact, RegisterFact


class Presence(StrEnum):
    """Whether a pupil was at school on a day; the reason why not stays at the school."""

    PRESENT = "present"
    ABSENT = "absent"
    ABSENT_EXCUSED = "absent_excused"


class PupilDay(BaseModel):
    """One day of a pupil (part of a fact about days)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    day: Day
    presence: Presence = Field(description="present takes back what was told of the day before")


class PupilDaysMarked(PupilFact):
    """A pupil was away on these days; what is told of a day replaces what was told before."""

    type: ClassVar[str] = "pumpurs.identification.pupil-days-marked.v1"

    days: tuple[PupilDay, ...] = Field(min_length=1)


class GradeDates(BaseModel):
    """Where a grade, or a course of vocational programmes, differs from the semester's dates."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    programme: Programme
    grade: int = Field(ge=1, le=12)
    first_day: Day | None = None
    last_day: Day | None = None
    breaks: tuple[tuple[Day, Day], ...] = Field(
        default=(), description="breaks this grade has besides the semester's"
    )


class SemesterDefined(RegisterFact):
    """Dates of a semester, for the country, a municipality or a school; the nearest entry holds."""

    type: ClassVar[str] = "pumpurs.identification.semester-defined.v1"

    semester: Semester
    school_id: Code | None
    first_day: Day
    last_day: Day
    breaks: tuple[tuple[Day, Day], ...] = Field(description="first and last day of each break")
    source: str = Field(max_length=300)
    municipality_id: RegistrationNumber | None = Field(
        default=None, description="for all schools of a municipality; not together with school_id"
    )
    days_off: tuple[Day, ...] = Field(
        default=(), description="public holidays and other single days without lessons"
    )
    extra_days: tuple[Day, ...] = Field(
        default=(), description="school days on a weekend, on a day off or in a break"
    )
    grades: tuple[GradeDates, ...] = Field(default=(), description="grades with dates of their own")
