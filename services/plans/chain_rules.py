"""The approval chain: whose turn it is, who may not approve, and what skips levels.

Source: domain text 1.2, P-3, P-6. Pure: plain values in and out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.plans.comparison import HEAD_ONLY, is_minor
from services.plans.content import Content
from services.plans.domain import Action, Plan, Step, day_of, move
from shared.errors import FourEyes, Refused

APPROVED = "approved"
RETURNED = "returned"
SKIPPED = "skipped"
MINOR_CHANGE = "minor_change"


@dataclass(frozen=True)
class Approval:
    """What one level decided about one submission; skipped levels are written down too."""

    plan_id: str
    submission: int
    step: Step
    plan_version: int
    decision: str
    subject: str
    decided_at: datetime
    comment: str | None
    prepared_by: str
    written_by: str


class NotYourTurn(Refused):
    """The plan waits for another level of the chain first."""

    code = "not-your-turn"


class NotWaiting(Refused):
    """The plan waits for nobody's approval."""

    code = "not-in-approval"


class VersionChanged(Refused):
    """The plan was changed since you read it; read it again."""

    code = "version-changed"


class CommentMissing(Refused):
    """Say why: the comment is read by whoever has to go on."""

    code = "comment-missing"


def chain_of(
    levels: Sequence[Step], *, before: Content | None, now: Content, minor_rule: str
) -> tuple[Step, ...]:
    """The levels that a submission goes through; a minor change only the head, where so ruled."""
    if before is not None and minor_rule == HEAD_ONLY and is_minor(before, now):
        return (Step.HEAD,)
    return tuple(levels)


def submit(plan: Plan, chain: Sequence[Step], *, by: str, now: datetime) -> Plan:
    """The plan on its way through the chain."""
    moved = move(plan, Action.SUBMIT, by=by, now=now)
    return replace(
        moved,
        chain=tuple(chain),
        waiting_for=chain[0],
        submission=plan.submission + 1,
        submitted_by=by,
        return_comment=None,
    )


def turn_of(plan: Plan) -> Step:
    """The level whose turn it is; raises NotWaiting."""
    if plan.waiting_for is None:
        raise NotWaiting(field="plan_id", state=plan.state.value)
    return plan.waiting_for


def check_approver(plan: Plan, *, by: str, staff_ref: str | None) -> None:
    """Refuse the preparer and the writer of this version; raises FourEyes."""
    if by in (plan.preparer_subject, plan.written_by, plan.submitted_by):
        raise FourEyes(field="plan_id")
    if staff_ref is not None and staff_ref == plan.preparer_ref:
        raise FourEyes(field="plan_id")


def approve(plan: Plan, *, by: str, now: datetime) -> Plan:
    """The plan one level further; after the last one approved, with its content in force."""
    following = plan.chain[plan.chain.index(turn_of(plan)) + 1 :]
    if following:
        return replace(move(plan, Action.APPROVE_STEP, by=by, now=now), waiting_for=following[0])
    approved = move(plan, Action.APPROVE, by=by, now=now)
    return replace(
        approved,
        waiting_for=None,
        approved_version=plan.content_version,
        approved_on=plan.approved_on or day_of(now),
        stopped_on=None,
        resumed_on=None,
        evaluated_at=None,
    )


def send_back(plan: Plan, *, comment: str, by: str, now: datetime) -> Plan:
    """The plan back at its preparer, as draft or as revision of what is in force."""
    turn_of(plan)
    if not comment.strip():
        raise CommentMissing(field="comment")
    first = plan.approved_version is None
    action = Action.RETURN_DRAFT if first else Action.RETURN_REVISION
    moved = move(plan, action, by=by, now=now)
    return replace(moved, waiting_for=None, return_comment=comment)


def skipped(plan: Plan, levels: Sequence[Step], *, now: datetime) -> list[Approval]:
    """What is written down for the levels a minor change does not go through."""
    return [
        approval_of(plan, step, SKIPPED, subject=f"rule:{MINOR_CHANGE}", comment=None, now=now)
        for step in levels
        if step not in plan.chain
    ]


def approval_of(
    plan: Plan, step: Step, decision: str, *, subject: str, comment: str | None, now: datetime
) -> Approval:
    """The record of a level's decision about the submission that runs."""
    return Approval(
        plan_id=plan.plan_id,
        submission=plan.submission,
        step=step,
        plan_version=plan.content_version,
        decision=decision,
        subject=subject,
        decided_at=now,
        comment=comment,
        prepared_by=plan.preparer_subject,
        written_by=plan.written_by,
    )
