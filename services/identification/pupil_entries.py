"""What the doors about pupils take: one line of each bulk command."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from services.identification.entries import Entry, Name, Short
from shared.contracts.base import Code, Day, PupilRef, Semester
from shared.contracts.identification import Programme, Sex, SignerKind
from shared.contracts.school_days import Presence

Lessons = Annotated[int, Field(ge=0, le=5_000, description="lessons in a semester")]
Grade = Annotated[int, Field(ge=0, le=99, description="grade, or course where vocational")]


class PupilEntry(Entry):
    """A pupil as a school's register delivers it."""

    personal_code: str
    given_name: Name
    family_name: Name
    birth_date: Day
    sex: Sex = Sex.UNKNOWN
    school_id: Code
    programme: Programme
    grade: Grade
    valid_from: Day


class PupilNamedEntry(Entry):
    """A line about a pupil who is in the register, by reference or by personal code."""

    pupil_ref: PupilRef | None = None
    personal_code: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        """Ask for exactly one way of naming the pupil."""
        if (self.pupil_ref is None) == (self.personal_code is None):
            raise ValueError("name the pupil by pupil_ref or by personal_code, not by both")
        return self


class PromotionEntry(PupilNamedEntry):
    """A pupil enters the next grade; without a grade the one after the present."""

    grade: Grade | None = None
    valid_from: Day


class MoveEntry(PupilNamedEntry):
    """A pupil changes school; programme and grade stay where they are not given."""

    to_school_id: Code
    programme: Programme | None = None
    grade: Grade | None = None
    valid_from: Day


class DepartureEntry(PupilNamedEntry):
    """A pupil leaves school."""

    left_on: Day
    reason_code: Code


class AttendanceEntry(PupilNamedEntry):
    """Missed lessons of a pupil in a semester; no data is not the same as none missed."""

    semester: Semester
    data_status: Literal["reported", "no_data"] = "reported"
    lessons_unexcused: Lessons | None = None
    lessons_excused: Lessons | None = None
    source: Short

    @model_validator(mode="after")
    def _figures_only_where_reported(self) -> Self:
        """Refuse figures without data and data without figures."""
        if self.data_status == "no_data":
            if self.lessons_unexcused is not None or self.lessons_excused is not None:
                raise ValueError("a line without data has no lessons in it")
        elif self.lessons_unexcused is None:
            raise ValueError("a reported line needs lessons_unexcused; 0 where none were missed")
        return self


class PupilDayEntry(PupilNamedEntry):
    """Whether a pupil was at school on a day; `present` takes back an earlier line."""

    day: Day
    presence: Presence = Presence.ABSENT


class DismissalEntry(Entry):
    """A signal that a person looked at and found to be nothing."""

    signal_id: Code
    reason: Short


class Factor(Entry):
    """One risk factor of the catalogue; `other_...` factors need a text."""

    code: Code
    text: Short | None = None


class RiskEntry(Entry):
    """A proposal to name a pupil at risk in a semester."""

    pupil_ref: PupilRef
    semester: Semester
    factors: Annotated[tuple[Factor, ...], Field(min_length=1, max_length=20)]
    note: Annotated[str, Field(max_length=2_000)] | None = None


class LookEntry(Entry):
    """What a second person says to a proposal, and why."""

    risk_id: Code
    decision: Literal["confirm", "reject"]
    reason: Annotated[str, Field(min_length=3, max_length=2_000)]


class ClearanceEntry(Entry):
    """A named pupil who is not at risk any more in this semester."""

    risk_id: Code
    reason_code: Code


class ApplicationEntry(Entry):
    """The application for support, as signed by a parent or by the adult pupil."""

    pupil_ref: PupilRef
    signer_kind: SignerKind
    signed_on: Day
    signer_name: Name | None = None


class WithdrawalEntry(Entry):
    """An application that is taken back."""

    application_id: Code
    withdrawn_on: Day
    reason_code: Code = "withdrawn-by-signer"


class ContactEntry(Entry):
    """A talk with a parent about an absence, and the document that excuses it."""

    pupil_ref: PupilRef
    absent_on: Day
    contacted_at: AwareDatetime | None = None
    person_kind: Code
    result_code: Code
    returned_on: Day | None = None
    excused_on: Day | None = None
