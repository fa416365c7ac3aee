"""Who may do what to a plan, as a table. Source: domain text 1.1, 1.2, 2.3.

Every right is asked of the organisation that covers the plan: its school, its municipality or
the state.
"""

from collections.abc import Mapping

from services.plans.chain_rules import NotYourTurn
from services.plans.domain import Action, Plan, Step
from services.plans.rulebook import STATE_LEVEL, SchoolFacts
from shared.auth import Grant, Person, Role
from shared.errors import OutsideScope

STEP_ROLE: Mapping[Step, Role] = {
    Step.HEAD: Role.HEAD,
    Step.MUNICIPALITY: Role.MUNICIPALITY_COORDINATOR,
    Step.STATE: Role.STATE_OFFICER,
}
PREPARERS = frozenset({Role.PREPARER})
SCHOOL = frozenset({Role.PREPARER, Role.HEAD})
APPROVERS = frozenset(STEP_ROLE.values())
RECORDERS = frozenset({Role.PREPARER, Role.SPECIALIST, Role.SCHOOL_COORDINATOR, Role.HEAD})
HEADS = frozenset({Role.HEAD})
SCHOOL_READERS = frozenset({Role.PREPARER, Role.SCHOOL_COORDINATOR, Role.HEAD})
READERS = frozenset(
    {
        *SCHOOL_READERS,
        Role.MUNICIPALITY_COORDINATOR,
        Role.PAYMENT_OFFICER,
        Role.REGIONAL_COORDINATOR,
        Role.STATE_OFFICER,
        Role.AUDITOR,
    }
)

RIGHTS: Mapping[Action, frozenset[Role]] = {
    Action.CORRECT: PREPARERS,
    Action.SUBMIT: PREPARERS,
    Action.APPROVE_STEP: APPROVERS,
    Action.APPROVE: APPROVERS,
    Action.RETURN_DRAFT: APPROVERS,
    Action.RETURN_REVISION: APPROVERS,
    Action.BEGIN: frozenset(),
    Action.REVISE: SCHOOL,
    Action.SUSPEND: SCHOOL,
    Action.RESUME: SCHOOL,
    Action.DELETE: SCHOOL,
    Action.EVALUATE: SCHOOL,
    Action.CLOSE: SCHOOL,
}
"""Nobody begins a plan by hand: its first support does."""


def must(person: Person, action: Action, plan: Plan) -> Grant:
    """The grant at the plan's school that allows the action; raises OutsideScope."""
    return person.must(RIGHTS[action], plan.school_id)


def organisations(plan: Plan, step: Step, school: SchoolFacts) -> tuple[str, ...]:
    """The organisations that decide for a plan at a level of the chain.

    A municipality that was joined to another since is answered for by the school's present one.
    """
    if step is Step.HEAD:
        return (plan.school_id,)
    if step is Step.MUNICIPALITY:
        return (plan.municipality_id, school.municipality_id)
    return (STATE_LEVEL,)


def approver(person: Person, plan: Plan, step: Step, school: SchoolFacts) -> Grant:
    """The grant that lets a person decide at the level whose turn it is.

    Raises NotYourTurn where the person decides at another level, OutsideScope otherwise.
    """
    try:
        return person.must({STEP_ROLE[step]}, *organisations(plan, step, school))
    except OutsideScope:
        for other in plan.chain:
            if person.has(STEP_ROLE[other], *organisations(plan, other, school)):
                raise NotYourTurn(field="plan_id", waits_for=step.value) from None
        raise
