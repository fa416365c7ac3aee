"""What ngo_grants says: calls, decisions, contracts and instalments of youth projects."""

from typing import ClassVar

from pydantic import Field

from shared.contracts.base import Cents, Code, Day, Fact, Instant, RegistrationNumber, Topic

PROJECTS = Topic(
    "ngo-grants.projects.v1",
    owner="ngo_grants",
    about="calls for youth projects, decisions, contracts, instalments",
    key="project_key",
    readers=("payments", "reporting"),
)


class ProjectFact(Fact):
    """What all facts of this topic carry; the key is the project's id, or the call's id."""

    topic: ClassVar[Topic] = PROJECTS
    key_field: ClassVar[str] = "project_key"

    project_key: Code
    call_id: Code
    partner: RegistrationNumber
    municipality_id: RegistrationNumber
    version: int = Field(ge=1)


class CallOpened(ProjectFact):
    """A municipality announced a call."""

    type: ClassVar[str] = "pumpurs.ngo-grants.call-opened.v1"

    opens_on: Day
    closes_on: Day
    quota: int = Field(ge=0)


class CallProlonged(ProjectFact):
    """The window of a published call was made longer, with a reason."""

    type: ClassVar[str] = "pumpurs.ngo-grants.call-prolonged.v1"

    closes_on: Day
    reason_code: Code


class CallClosed(ProjectFact):
    """The window of a call ended."""

    type: ClassVar[str] = "pumpurs.ngo-grants.call-closed.v1"

    closed_on: Day
    applications: int


class CallCancelled(ProjectFact):
    """A published call was cancelled before its decision, with a reason."""

    type: ClassVar[str] = "pumpurs.ngo-grants.call-cancelled.v1"

    reason_code: Code


class DecisionPublished(ProjectFact):
    """The committee's decision on a call, in counts; told again when a reserve moves up."""

    type: ClassVar[str] = "pumpurs.ngo-grants.decision-published.v1"

    decided_at: Instant
    approved: int
    reserve: int
    rejected: int


class ProjectContracted(ProjectFact):
    """A contract was signed for a project of a fixed sum."""

    type: ClassVar[str] = "pumpurs.ngo-grants.project-contracted.v1"

    project_id: Code
    payee_ref: Code = Field(description="the organisation's registration number")
    cents: Cents
    starts_on: Day
    ends_on: Day


class InstalmentDue(ProjectFact):
    """A part of the lump sum is due; payments makes an order of it."""

    type: ClassVar[str] = "pumpurs.ngo-grants.instalment-due.v1"

    project_id: Code
    instalment_no: int = Field(ge=1)
    payee_ref: Code
    cents: Cents
    due_on: Day


class ProjectAccepted(ProjectFact):
    """The proof of results was accepted."""

    type: ClassVar[str] = "pumpurs.ngo-grants.project-accepted.v1"

    project_id: Code
    participants: int
    participants_at_risk: int
    accepted_on: Day


class RecoveryDue(ProjectFact):
    """Money of a project has to come back."""

    type: ClassVar[str] = "pumpurs.ngo-grants.recovery-due.v1"

    project_id: Code
    payee_ref: Code
    cents: Cents
    reason_code: Code
