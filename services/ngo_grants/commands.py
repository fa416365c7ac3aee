"""What people ask this service to do, as the doors read it: typed, limited, nothing unknown."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.ngo_grants.form import Form
from shared.contracts.base import Day

TEXT_MAX = 4_000
PEOPLE_MAX = 200
MEMBERS_MAX = 30
INTERESTS_MAX = 200
ATTACHMENT_BYTES_MAX = 3_000_000

Text = Annotated[str, Field(min_length=3, max_length=TEXT_MAX)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=20, description="registration number")]


class _Command(BaseModel):
    """Frozen; a field nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class NewCall(_Command):
    """A call to make; without a last day the window has the shortest length allowed."""

    municipality_id: Number
    opens_on: Day
    closes_on: Day | None = None
    quota: int = Field(ge=0, le=1_000)
    eligible_pupils: int | None = Field(default=None, ge=0, le=1_000_000)
    nolikum_version: str = Field(min_length=1, max_length=100)


class Prolongation(_Command):
    """A later last day of a published call."""

    closes_on: Day
    reason_code: ShortText
    reason: Text


class Cancellation(_Command):
    """Why a call is cancelled."""

    reason_code: ShortText
    reason: Text


class PersonEntry(_Command):
    """Somebody of an applicant; name, e-mail and telephone are sealed, the address is digested."""

    kind: Literal["contact", "board", "group_member"]
    name: ShortText
    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=40)
    employer: Number | None = None
    household: str | None = Field(default=None, max_length=300, description="address of the home")


class NewApplicant(_Command):
    """An organisation that may apply; with an informal group it carries the project."""

    registration_number: Number
    name: ShortText
    kind: ShortText
    youth_work: Text
    youth_group: str | None = Field(default=None, max_length=200)
    people: tuple[PersonEntry, ...] = Field(default=(), max_length=PEOPLE_MAX)


class NewApplication(_Command):
    """A draft of an application to a call."""

    call_id: ShortText
    registration_number: Number
    form: Form = Form()
    amount_cents: int | None = None


class ChangedApplication(_Command):
    """A form in the place of the one before; the version it was read with keeps others' work."""

    form: Form
    version: int | None = None
    amount_cents: int | None = None


class Reason(_Command):
    """Why somebody does this."""

    reason: Text


class Question(_Command):
    """What the applicant should clear up, and until when."""

    question: Text
    answer_by: Day


class Answer(_Command):
    """The applicant's answer, with a corrected form where one is needed."""

    answer: Text
    form: Form | None = None


class Ineligibility(_Command):
    """The eligibility criterion an application does not meet, and why."""

    criterion: ShortText
    reason: Text


class MemberEntry(_Command):
    """A member of a committee; the name is sealed, the address is digested."""

    subject: ShortText
    name: ShortText
    employers: tuple[Number, ...] = Field(default=(), max_length=20)
    household: str | None = Field(default=None, max_length=300, description="address of the home")


class CommitteeEntry(_Command):
    """The whole committee of a call."""

    members: tuple[MemberEntry, ...] = Field(min_length=1, max_length=MEMBERS_MAX)


class InterestEntry(_Command):
    """One organisation a member has a common interest with."""

    registration_number: Number
    kind: ShortText


class Declaration(_Command):
    """A member's interests by organisation; an empty list says that there are none."""

    interests: tuple[InterestEntry, ...] = Field(max_length=INTERESTS_MAX)


class AssignmentLine(_Command):
    """One member shall evaluate one application."""

    application_id: ShortText
    evaluator: ShortText


class MarkLine(_Command):
    """One mark: half points as an integer, or points as text such as "4.5"; never both."""

    application_id: ShortText
    criterion: ShortText
    half_points: int | None = None
    points: str | None = Field(default=None, max_length=10)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        """Exactly one way of saying it."""
        if (self.half_points is None) == (self.points is None):
            raise ValueError("give half_points or points")
        return self


class CommentEntry(_Command):
    """What the committee adds to the reasons of one application."""

    application_id: ShortText
    text: Text


class DecisionOrder(_Command):
    """The committee decides by the ranking as it stands; late ones say why."""

    late_reason: str | None = Field(default=None, min_length=3, max_length=TEXT_MAX)
    remarks: str | None = Field(default=None, max_length=TEXT_MAX)
    comments: tuple[CommentEntry, ...] = Field(default=(), max_length=2_000)


class AppealEntry(_Command):
    """Why an applicant does not agree."""

    grounds: Text


class AppealAnswer(_Command):
    """The answer to an appeal: upheld ones join the end of the reserve list."""

    upheld: bool
    reason: Text


class Contract(_Command):
    """A signed contract."""

    contract_number: str = Field(min_length=1, max_length=80)
    signed_on: Day


class ProofEntry(_Command):
    """What a project reached, and how the fund was made public."""

    participants: int = Field(ge=0, le=10_000)
    participants_at_risk: int = Field(ge=0, le=10_000)
    summary: Text
    publicity: str = Field(max_length=TEXT_MAX)


class ProofCheck(_Command):
    """The proof is accepted, or returned with a comment."""

    accepted: bool
    comment: str | None = Field(default=None, min_length=3, max_length=TEXT_MAX)

    @model_validator(mode="after")
    def _comment_when_returned(self) -> Self:
        """Who returns a proof says why."""
        if not self.accepted and self.comment is None:
            raise ValueError("a returned proof needs a comment")
        return self


class ContractEnd(_Command):
    """A contract ends before its time."""

    reason: Text


class ErasureOrder(_Command):
    """Erase names and papers of calls decided in this year or before."""

    decided_until_year: int = Field(ge=2000, le=2200)
    reason: Text
