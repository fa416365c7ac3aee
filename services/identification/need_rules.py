"""What a pupil waits for, and from whom, so that one list says who needs somebody."""

from enum import StrEnum

from shared.auth import Role


class Step(StrEnum):
    """The next thing somebody does for a pupil."""

    LOOK_AT_SIGNAL = "look-at-signal"
    SECOND_LOOK = "second-look"
    GET_SIGNATURE = "get-signature"
    DRAFT_PLAN = "draft-plan"
    FINISH_PLAN = "finish-plan"
    FOLLOW_PLAN = "follow-plan"


TAKEN_BY = {
    Step.LOOK_AT_SIGNAL: frozenset({Role.PREPARER, Role.SCHOOL_COORDINATOR, Role.HEAD}),
    Step.SECOND_LOOK: frozenset({Role.HEAD, Role.SCHOOL_COORDINATOR}),
    Step.GET_SIGNATURE: frozenset({Role.PREPARER, Role.SCHOOL_COORDINATOR}),
    Step.DRAFT_PLAN: frozenset({Role.PREPARER}),
    Step.FINISH_PLAN: frozenset({Role.PREPARER, Role.HEAD}),
    Step.FOLLOW_PLAN: frozenset({Role.PREPARER}),
}

RUNNING = frozenset({"approved", "suspended", "closed"})
"""Plan states in which nobody has to bring the plan through the chain."""


def next_step(*, risk_state: str | None, is_signed: bool, plan_state: str | None) -> Step:
    """The next step of a pupil with a signal or a proposal in the semester."""
    if risk_state == "proposed":
        return Step.SECOND_LOOK
    if risk_state is None:
        return Step.LOOK_AT_SIGNAL
    if not is_signed:
        return Step.GET_SIGNATURE
    if plan_state is None:
        return Step.DRAFT_PLAN
    return Step.FOLLOW_PLAN if plan_state in RUNNING else Step.FINISH_PLAN
