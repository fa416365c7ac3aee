"""Whatever happens, in whatever order: no limit is exceeded and every sum is that of its parts."""

from datetime import date
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders_payments import Payments
from tests.integration.payments.any_life import OFFICES, TYPES, Life
from tests.integration.payments.any_plan import APlan
from tests.integration.payments.aside import Aside
from tests.money_facts import OFFICE, OTHER_OFFICE

CENTS = st.integers(1, 20_000)
OFFICE_OF = st.sampled_from(sorted(OFFICES))
CALENDAR = [date(2021, 9, 30), date(2021, 10, 1), date(2021, 10, 15), date(2021, 11, 2)]
DAYS = st.sampled_from(CALENDAR)
OUTCOMES = st.sampled_from(["settled", "settled", "returned", "unknown"])
MONTHS = ("2021-09", "2021-10", "2021-11")
PLANNED = st.dictionaries(
    st.sampled_from(sorted(TYPES)),
    st.dictionaries(st.sampled_from(MONTHS), CENTS, min_size=1),
    min_size=1,
)


class AnyLife(RuleBasedStateMachine):
    """Everything that may happen, through the doors of payments."""

    aside: ClassVar[Aside]
    payments: ClassVar[Payments]

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(self.payments)
        self.do = self.aside.run

    @initialize(here=st.integers(0, 60_000), there=st.none() | st.integers(0, 60_000))
    def partners_have_allocations_or_not(self, here: int, there: int | None) -> None:
        self.do(self.life.begin())
        self.do(self.life.allocate(OFFICE, "set", here))
        if there is not None:
            self.do(self.life.allocate(OTHER_OFFICE, "set", there))
        planned = dict.fromkeys(TYPES, dict.fromkeys(MONTHS, 4_000))
        for who, office in enumerate(OFFICES):
            self.do(self.life.approve(who, office, planned, date(2021, 9, 1)))

    def a_plan(self, data: st.DataObject) -> APlan:
        """Any plan there is."""
        return self.life.plans[data.draw(st.sampled_from(sorted(self.life.plans)))]

    @rule(who=st.integers(0, 1), office=OFFICE_OF, planned=PLANNED, day=DAYS)
    def a_version_is_approved(
        self, who: int, office: str, planned: dict[str, dict[str, int]], day: date
    ) -> None:
        self.do(self.life.approve(who, office, planned, day))

    @precondition(lambda self: self.life.plans)
    @rule(data=st.data(), how=st.sampled_from(["suspend", "close", "delete"]), day=DAYS)
    def a_plan_ends(self, data: st.DataObject, how: str, day: date) -> None:
        plan = self.a_plan(data)
        if not plan.deleted:
            self.do(self.life.end(plan, how, day))

    @precondition(lambda self: self.life.plans)
    @rule(data=st.data(), planned=PLANNED, day=DAYS)
    def a_pupil_moves(
        self, data: st.DataObject, planned: dict[str, dict[str, int]], day: date
    ) -> None:
        who, office = data.draw(st.sampled_from(sorted(self.life.plans)))
        plan = self.life.plans[who, office]
        if not plan.deleted:
            self.do(self.life.end(plan, "suspend", day))
            (other,) = set(OFFICES) - {office}
            self.do(self.life.approve(who, other, planned, day))

    @precondition(lambda self: self.life.plans)
    @rule(data=st.data(), measure_id=st.sampled_from(sorted(TYPES)), cents=CENTS, day=DAYS)
    def anything_is_claimed(
        self, data: st.DataObject, measure_id: str, cents: int, day: date
    ) -> None:
        self.do(self.life.claim(self.a_plan(data), measure_id, cents, day))

    def payable(self) -> list[tuple[tuple[int, str], str, date]]:
        """Measures of plans on days on which a version in force holds them."""
        return [
            (key, measure_id, day)
            for key, plan in sorted(self.life.plans.items())
            for measure_id in sorted(TYPES)
            for day in CALENDAR
            if plan.allows(day, measure_id)
        ]

    @precondition(lambda self: self.payable())
    @rule(data=st.data(), cents=st.lists(CENTS, min_size=1, max_size=3))
    def what_was_delivered_is_claimed(self, data: st.DataObject, cents: list[int]) -> None:
        for one in cents:
            key, measure_id, day = data.draw(st.sampled_from(self.payable()))
            self.do(self.life.claim(self.life.plans[key], measure_id, one, day))

    @precondition(lambda self: self.life.plans)
    @rule(data=st.data(), cents=st.integers(1, 6_000))
    def preparation_is_claimed(self, data: st.DataObject, cents: int) -> None:
        self.do(self.life.prepare(self.a_plan(data), cents))

    @precondition(lambda self: self.life.in_state("draft"))
    @rule()
    def orders_are_approved(self) -> None:
        self.do(self.life.approve_orders())

    @rule(office=OFFICE_OF)
    def a_file_is_issued(self, office: str) -> None:
        self.do(self.life.issue(office))

    @precondition(lambda self: self.life.in_state("draft", "approved"))
    @rule()
    def everything_is_approved_and_filed(self) -> None:
        self.do(self.life.approve_orders())
        for office in OFFICES:
            self.do(self.life.issue(office))

    @precondition(lambda self: self.life.in_state("in_file", "unknown"))
    @rule(data=st.data(), outcomes=st.lists(OUTCOMES, min_size=1, max_size=3))
    def an_office_reports(self, data: st.DataObject, outcomes: list[str]) -> None:
        for outcome in outcomes:
            waiting = self.life.in_state("in_file", "unknown")
            if waiting:
                self.do(self.life.report(data.draw(st.sampled_from(waiting)), outcome))

    @precondition(lambda self: self.life.in_state("settled"))
    @rule(data=st.data(), cents=CENTS)
    def money_comes_back(self, data: st.DataObject, cents: int) -> None:
        order_id = data.draw(st.sampled_from(self.life.in_state("settled")))
        self.do(self.life.recover(order_id, cents))

    @precondition(lambda self: self.life.in_state("draft", "approved"))
    @rule(data=st.data())
    def an_order_is_taken_back(self, data: st.DataObject) -> None:
        order_id = data.draw(st.sampled_from(self.life.in_state("draft", "approved")))
        self.do(self.life.cancel(order_id))

    @rule(office=OFFICE_OF, kind=st.sampled_from(["set", "increase", "decrease"]), cents=CENTS)
    def an_allocation_changes(self, office: str, kind: str, cents: int) -> None:
        self.do(self.life.allocate(office, kind, cents))

    @rule()
    def what_waits_is_reserved_again(self) -> None:
        self.do(self.life.payments.reserve_again())

    @precondition(lambda self: self.life.past)
    @rule(data=st.data())
    def a_fact_is_told_again(self, data: st.DataObject) -> None:
        self.do(self.life.payments.hear(data.draw(st.sampled_from(self.life.past))))

    @invariant()
    def the_books_agree(self) -> None:
        self.do(self.life.books_agree())

    def teardown(self) -> None:
        self.do(self.life.files_and_facts_agree())


@pytest.mark.feature("M1")
@pytest.mark.feature("M2")
@pytest.mark.feature("M24")
@pytest.mark.feature("M26")
@pytest.mark.feature("D1")
@pytest.mark.feature("D12")
def test_any_life_of_money_leaves_books_that_agree(aside: tuple[Aside, Payments]) -> None:
    AnyLife.aside, AnyLife.payments = aside
    run_state_machine_as_test(
        AnyLife,
        settings=settings(
            max_examples=20,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
