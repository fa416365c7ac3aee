"""The status machine of a plan: what is in the table can be done, everything else is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from services.plans import rights
from services.plans.chain_rules import NotYourTurn
from services.plans.domain import (
    MOVES,
    OVER,
    Action,
    DeletionPending,
    Plan,
    State,
    Step,
    WrongMove,
    move,
    possible,
)
from services.plans.rulebook import SchoolFacts
from shared.auth import Grant, Person, Role
from shared.errors import OutsideScope, Refused

NOW = datetime(2017, 9, 4, 9, tzinfo=UTC)
SCHOOL = SchoolFacts("one", "40000000001", "40000000001", state_vocational=False)
EXPECTED = """
draft:             correct draft, submit in_approval, delete inactive
in_approval:       approve_step in_approval, approve approved, return_draft draft,
                   return_revision under_revision, suspend suspended, delete inactive
approved:          begin in_implementation, revise under_revision, suspend suspended,
                   delete inactive, evaluate approved, close closed
in_implementation: revise under_revision, suspend suspended, delete inactive,
                   evaluate in_implementation, close closed
under_revision:    correct under_revision, submit in_approval, evaluate under_revision,
                   close closed
suspended:         resume under_revision, evaluate suspended, close closed
"""


def a_plan(state: State = State.DRAFT, **more: object) -> Plan:
    """A plan of one pupil in autumn 2017."""
    plan = Plan(
        plan_id="plan",
        plan_code="IAP-2017-1-AAAAA-BBBBB",
        pupil_ref="p1:" + "0" * 32,
        semester="2017-1",
        school_id="one",
        municipality_id="40000000001",
        partner="40000000001",
        programme="general",
        grade=7,
        sex="female",
        application_id="application",
        preparer_subject="teacher",
        preparer_ref="s1:" + "0" * 32,
        preparer_kind="teacher",
        preparer_school_id="one",
        written_by="teacher",
        valid_from=date(2017, 9, 1),
        valid_to=date(2017, 12, 22),
        created_at=NOW,
        changed_at=NOW,
        changed_by="teacher",
        state=state,
    )
    return replace(plan, **more)  # type: ignore[arg-type]  # any field of a plan, by name


def expected() -> dict[tuple[State, Action], State]:
    """The table as the domain text has it, read from the lines above."""
    found = {}
    for line in EXPECTED.replace(",\n ", ", ").strip().splitlines():
        state, moves = line.split(":")
        for one in moves.split(","):
            action, after = one.split()
            found[State(state.strip()), Action(action)] = State(after)
    return found


@pytest.mark.parametrize("state", list(State))
def test_a_plan_moves_only_as_the_table_says(state: State) -> None:
    plan = a_plan(state)
    for action in Action:
        after = expected().get((state, action))
        if after is None:
            with pytest.raises(WrongMove) as refused:
                move(plan, action, by="somebody", now=NOW)
            assert refused.value.details["state"] == state
            assert refused.value.details["possible"] == possible(state)
            assert action not in possible(state)
        else:
            assert move(plan, action, by="somebody", now=NOW).state is after


def test_the_table_holds_nothing_else() -> None:
    assert expected() == MOVES


@pytest.mark.parametrize("state", sorted(OVER))
def test_what_is_over_stays_over(state: State) -> None:
    assert not [action for (source, action) in MOVES if source is state]


def test_nothing_happens_to_a_plan_while_its_deletion_is_pending() -> None:
    for state, action in MOVES:
        with pytest.raises(DeletionPending):
            move(a_plan(state, deletion_requested_at=NOW), action, by="somebody", now=NOW)


def allowed(role: Role, place: str, plan: Plan, action: Action) -> bool:
    """Whether a person with one grant may do it, by the table of rights and the table of moves."""
    person = Person("somebody", (Grant(role, place),))
    try:
        if rights.RIGHTS[action] == rights.APPROVERS:
            assert plan.waiting_for is not None or (plan.state, action) not in MOVES
            rights.approver(person, plan, plan.waiting_for or Step.HEAD, SCHOOL)
        else:
            rights.must(person, action, plan)
        move(plan, action, by="somebody", now=NOW)
    except Refused:
        return False
    return True


MAY = {
    Role.PREPARER: "correct submit revise suspend resume delete evaluate close",
    Role.HEAD: (
        "approve_step approve return_draft return_revision "
        "revise suspend resume delete evaluate close"
    ),
    Role.MUNICIPALITY_COORDINATOR: "approve_step approve return_draft return_revision",
    Role.STATE_OFFICER: "approve_step approve return_draft return_revision",
}
STEP_OF = {
    Role.HEAD: Step.HEAD,
    Role.MUNICIPALITY_COORDINATOR: Step.MUNICIPALITY,
    Role.STATE_OFFICER: Step.STATE,
}
PLACE_OF = {
    Role.MUNICIPALITY_COORDINATOR: "40000000001",
    Role.STATE_OFFICER: "state",
}


@pytest.mark.parametrize("role", list(Role))
def test_role_by_state_by_action(role: Role) -> None:
    chain = (Step.HEAD, Step.MUNICIPALITY, Step.STATE)
    for state, action in product(State, Action):
        waits = STEP_OF.get(role, Step.HEAD) if state is State.IN_APPROVAL else None
        plan = a_plan(state, waiting_for=waits, chain=chain)
        wanted = action in MAY.get(role, "").split() and (state, action) in MOVES
        assert allowed(role, PLACE_OF.get(role, "one"), plan, action) is wanted, (state, action)
        assert not allowed(role, "somewhere-else", plan, action)


@pytest.mark.parametrize("step", list(Step))
def test_a_level_decides_only_when_it_is_its_turn(step: Step) -> None:
    plan = a_plan(
        State.IN_APPROVAL, waiting_for=step, chain=(Step.HEAD, Step.MUNICIPALITY, Step.STATE)
    )
    for role, own in STEP_OF.items():
        person = Person("somebody", (Grant(role, PLACE_OF.get(role, "one")),))
        if own is step:
            assert rights.approver(person, plan, step, SCHOOL).role is role
        else:
            with pytest.raises(NotYourTurn):
                rights.approver(person, plan, step, SCHOOL)


def test_somebody_without_a_level_is_outside() -> None:
    plan = a_plan(State.IN_APPROVAL, waiting_for=Step.HEAD, chain=(Step.HEAD,))
    with pytest.raises(OutsideScope):
        rights.approver(Person("x", (Grant(Role.PREPARER, "one"),)), plan, Step.HEAD, SCHOOL)
