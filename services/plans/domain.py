"""The life of a plan: its states, the moves between them as a table, and why a move is refused.

Source of states and moves: domain text 2.3, with *closed* added. Pure: plain values in and out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from shared.calendar import TIMEZONE
from shared.errors import NotFound, Refused


class State(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    APPROVED = "approved"
    IN_IMPLEMENTATION = "in_implementation"
    UNDER_REVISION = "under_revision"
    SUSPENDED = "suspended"
    INACTIVE = "inactive"
    CLOSED = "closed"


class Action(StrEnum):
    """What can be done to a plan."""

    CORRECT = "correct"
    SUBMIT = "submit"
    APPROVE_STEP = "approve_step"
    APPROVE = "approve"
    RETURN_DRAFT = "return_draft"
    RETURN_REVISION = "return_revision"
    BEGIN = "begin"
    REVISE = "revise"
    SUSPEND = "suspend"
    RESUME = "resume"
    DELETE = "delete"
    EVALUATE = "evaluate"
    CLOSE = "close"


class Step(StrEnum):
    """A level of the approval chain."""

    HEAD = "head"
    MUNICIPALITY = "municipality"
    STATE = "state"


MOVES: Mapping[tuple[State, Action], State] = {
    (State.DRAFT, Action.CORRECT): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.IN_APPROVAL,
    (State.DRAFT, Action.DELETE): State.INACTIVE,
    (State.IN_APPROVAL, Action.APPROVE_STEP): State.IN_APPROVAL,
    (State.IN_APPROVAL, Action.APPROVE): State.APPROVED,
    (State.IN_APPROVAL, Action.RETURN_DRAFT): State.DRAFT,
    (State.IN_APPROVAL, Action.RETURN_REVISION): State.UNDER_REVISION,
    (State.IN_APPROVAL, Action.SUSPEND): State.SUSPENDED,
    (State.IN_APPROVAL, Action.DELETE): State.INACTIVE,
    (State.APPROVED, Action.BEGIN): State.IN_IMPLEMENTATION,
    (State.APPROVED, Action.REVISE): State.UNDER_REVISION,
    (State.APPROVED, Action.SUSPEND): State.SUSPENDED,
    (State.APPROVED, Action.DELETE): State.INACTIVE,
    (State.APPROVED, Action.EVALUATE): State.APPROVED,
    (State.APPROVED, Action.CLOSE): State.CLOSED,
    (State.IN_IMPLEMENTATION, Action.REVISE): State.UNDER_REVISION,
    (State.IN_IMPLEMENTATION, Action.SUSPEND): State.SUSPENDED,
    (State.IN_IMPLEMENTATION, Action.DELETE): State.INACTIVE,
    (State.IN_IMPLEMENTATION, Action.EVALUATE): State.IN_IMPLEMENTATION,
    (State.IN_IMPLEMENTATION, Action.CLOSE): State.CLOSED,
    (State.UNDER_REVISION, Action.CORRECT): State.UNDER_REVISION,
    (State.UNDER_REVISION, Action.SUBMIT): State.IN_APPROVAL,
    (State.UNDER_REVISION, Action.EVALUATE): State.UNDER_REVISION,
    (State.UNDER_REVISION, Action.CLOSE): State.CLOSED,
    (State.SUSPENDED, Action.RESUME): State.UNDER_REVISION,
    (State.SUSPENDED, Action.EVALUATE): State.SUSPENDED,
    (State.SUSPENDED, Action.CLOSE): State.CLOSED,
}

OVER = frozenset({State.INACTIVE, State.CLOSED})
"""States in which a plan no longer counts as the pupil's active one."""


@dataclass(frozen=True)
class Plan:
    """One plan of one pupil for one semester, as it stands.

    `version` grows with every fact about it, `content_version` with every revision;
    `approved_version` is the content in force, `approved_on` the day the first one was. `chain`
    and `waiting_for` speak of the submission that runs now. `follows_school_id` is the school
    before, where the pupil moved.
    """

    plan_id: str
    plan_code: str
    pupil_ref: str
    semester: str
    school_id: str
    municipality_id: str
    partner: str
    programme: str
    grade: int
    sex: str
    application_id: str
    preparer_subject: str
    preparer_ref: str
    preparer_kind: str
    preparer_school_id: str
    written_by: str
    valid_from: date
    valid_to: date
    created_at: datetime
    changed_at: datetime
    changed_by: str
    state: State = State.DRAFT
    version: int = 0
    content_version: int = 1
    approved_version: int | None = None
    approved_on: date | None = None
    submitted_by: str | None = None
    chain: tuple[Step, ...] = ()
    waiting_for: Step | None = None
    submission: int = 0
    return_comment: str | None = None
    stopped_on: date | None = None
    resumed_on: date | None = None
    deletion_requested_at: datetime | None = None
    spent_cents_told: int | None = None
    evaluated_at: datetime | None = None
    closed_on: date | None = None
    follows_plan_id: str | None = None
    follows_school_id: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether support may be delivered now by the approved version."""
        return (
            self.approved_version is not None and self.state not in OVER and self.stopped_on is None
        )


class PlanUnknown(NotFound):
    """There is no such plan, or you may not see it."""

    code = "plan-unknown"


class WrongMove(Refused):
    """This cannot be done to a plan in its present state."""

    code = "wrong-move"


class DeletionPending(Refused):
    """Somebody asked to delete this plan and payments has not answered yet."""

    code = "deletion-pending"


def move(plan: Plan, action: Action, *, by: str, now: datetime) -> Plan:
    """The plan after the action; raises WrongMove (with what is possible) or DeletionPending."""
    must_be_possible(plan, action)
    return replace(plan, state=MOVES[plan.state, action], changed_at=now, changed_by=by)


def must_be_possible(plan: Plan, action: Action) -> None:
    """Refuse what the table does not hold, and everything while a deletion is pending."""
    if (plan.state, action) not in MOVES:
        raise WrongMove(
            field="plan_id",
            state=plan.state.value,
            action=action.value,
            possible=[a.value for a in possible(plan.state)],
        )
    if plan.deletion_requested_at is not None:
        raise DeletionPending(field="plan_id", since=plan.deletion_requested_at.isoformat())


def possible(state: State) -> list[Action]:
    """What can be done to a plan in a state."""
    return [action for (source, action) in MOVES if source is state]


def day_of(now: datetime) -> date:
    """The day in Riga."""
    return now.astimezone(TIMEZONE).date()
