"""The ceiling ledger under any sequence of what can happen to it."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.payments.allocations.domain import Allocation
from services.payments.ledger.domain import Ledger, Line
from services.payments.ledger.months import CEILING_FULL, PupilMonth

CAP = 30_000
ALLOCATED = 70_000
MONTHS = ("2021-09", "2021-10")
PLANS = {"one": ("here", "2021-1"), "two": ("here", "2021-1"), "moved": ("there", "2021-1")}
MEASURES = {"meals": True, "transport": True, "preparation": False}
CENTS = st.integers(min_value=1, max_value=2 * CAP)
PLACES = st.tuples(
    st.sampled_from(sorted(PLANS)), st.sampled_from(sorted(MEASURES)), st.sampled_from(MONTHS)
)


class AnyLifeOfAPupil(RuleBasedStateMachine):
    """Plans of one pupil here and there, reserved, claimed, returned, released; limits change."""

    def __init__(self) -> None:
        super().__init__()
        here, there = Allocation("here", "2021-1", ALLOCATED), Allocation("there", "2021-1")
        self.allocations = {("here", "2021-1"): here, ("there", "2021-1"): there}
        self.ledger = Ledger(draws_on=dict(PLANS), held=self.allocations)
        self.orders: list[tuple[Line, int]] = []

    def line(self, plan_id: str, measure_id: str, month: str) -> Line:
        """The line of a place, opened when it is first needed."""
        under = MEASURES[measure_id]
        self.ledger.open_month("pupil", month, CAP)
        found = self.ledger.lines.get((plan_id, measure_id, month))
        return found or self.ledger.add(
            Line(plan_id, measure_id, month, "pupil", measure_id, under, plan_version=1)
        )

    @rule(place=PLACES, cents=CENTS)
    def a_plan_reserves(self, place: tuple[str, str, str], cents: int) -> None:
        line = self.line(*place)
        wish = self.ledger.reserve(line, cents)
        assert wish.reserved + wish.refused == wish.asked == max(cents - line.ordered, 0)
        assert wish.refused == 0 or wish.reserved == wish.room.cents

    @rule(place=PLACES, cents=CENTS)
    def a_claim_gets_the_smaller_of_itself_and_the_room(
        self, place: tuple[str, str, str], cents: int
    ) -> None:
        line = self.line(*place)
        month = self.ledger.months["pupil", line.month]
        allocation = self.allocations[PLANS[line.plan_id]]
        room = line.reserved + month.free if line.under_ceiling else cents
        if allocation.free is not None:
            room = min(room, line.reserved + allocation.free)
        found = self.ledger.room(line, cents)
        paid = found.cents
        assert paid == min(cents, room)
        assert (found.reason is None) == (paid == cents)
        if paid:
            self.ledger.order(line, paid)
            self.orders.append((line, paid))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def money_comes_back(self, data: st.DataObject) -> None:
        line, cents = self.orders.pop(data.draw(st.integers(0, len(self.orders) - 1)))
        month = self.ledger.months["pupil", line.month]
        free = month.free
        self.ledger.give_back(line, cents)
        assert month.free == free + (cents if line.under_ceiling else 0)

    @rule(plan_id=st.sampled_from(sorted(PLANS)))
    def a_plan_ends(self, plan_id: str) -> None:
        for line in self.ledger.lines_of_plan(plan_id):
            self.ledger.release(line)
            assert line.reserved == 0

    @rule(cents=st.integers(0, 2 * ALLOCATED), key=st.sampled_from(sorted(set(PLANS.values()))))
    def an_allocation_changes(self, cents: int, key: tuple[str, str]) -> None:
        allocation = self.allocations[key]
        allocation.allocated = max(cents, allocation.spoken_for)

    @rule(place=PLACES)
    def what_waited_is_reserved(self, place: tuple[str, str, str]) -> None:
        line = self.line(*place)
        waiting, free = line.waiting, self.allocations[PLANS[line.plan_id]].free
        wish = self.ledger.reserve_waiting(line)
        assert wish.asked <= waiting
        assert wish.refused == 0 or wish.room.reason == CEILING_FULL or wish.reserved == free

    @rule(month=st.sampled_from(MONTHS), cap=st.integers(0, CAP))
    def the_ceiling_changes(self, month: str, cap: int) -> None:
        self.ledger.open_month("pupil", month, cap)

    @invariant()
    def nothing_is_above_the_ceiling_or_below_zero(self) -> None:
        for month in self.ledger.months.values():
            assert month.reserved >= 0
            assert month.ordered >= 0
            assert month.reserved + month.ordered <= month.cap <= CAP

    @invariant()
    def months_are_the_sums_of_their_lines(self) -> None:
        for key, month in self.ledger.months.items():
            lines = [line for line in self.ledger.lines_of_month(*key) if line.under_ceiling]
            assert month.reserved == sum(line.reserved for line in lines)
            assert month.ordered == sum(line.ordered for line in lines)

    @invariant()
    def allocations_are_the_sums_of_their_lines_and_never_exceeded(self) -> None:
        for key, allocation in self.allocations.items():
            lines = [x for x in self.ledger.lines.values() if PLANS[x.plan_id] == key]
            assert allocation.spoken_for == sum(x.reserved + x.ordered for x in lines)
            assert allocation.spoken_for == self.ledger.spoken_for[key]
            assert allocation.free is None or allocation.free >= 0

    @invariant()
    def only_what_was_planned_waits(self) -> None:
        for line in self.ledger.lines.values():
            assert 0 <= line.waiting <= max(line.planned - line.reserved, 0)

    @invariant()
    def lines_are_the_sums_of_their_orders(self) -> None:
        for line in self.ledger.lines.values():
            assert line.ordered == sum(cents for other, cents in self.orders if other is line)


AnyLifeOfAPupil.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyLifeOfAPupil = AnyLifeOfAPupil.TestCase


def test_only_what_was_touched_is_written_back() -> None:
    line = Line("one", "meals", "2021-10", "pupil", "meals", True, plan_version=1)
    other = Line("one", "meals", "2021-09", "pupil", "meals", True, plan_version=1)
    ledger = Ledger.of([], [line, other])
    ledger.draws_on = {"one": ("here", "2021-1")}
    ledger.held = {("here", "2021-1"): Allocation("here", "2021-1")}
    ledger.open_month("pupil", "2021-10", CAP)
    ledger.reserve(line, 100)
    assert ledger.touched_lines == {line.key}
    assert ledger.touched_months == {("pupil", "2021-10")}


def test_a_line_uses_what_was_reserved_for_it_without_holding_the_allocation() -> None:
    line = Line("one", "meals", "2021-10", "pupil", "meals", True, 1, planned=500, reserved=500)
    ledger = Ledger.of([PupilMonth("pupil", "2021-10", CAP, reserved=500)], [line])
    ledger.draws_on = {"one": ("here", "2021-1")}
    ledger.order(line, 500)
    assert not any(ledger.spoken_for.values())
    ledger.give_back(line, 200)
    assert ledger.spoken_for == {("here", "2021-1"): -200}
