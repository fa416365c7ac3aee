"""The ceiling ledger under any sequence of what can happen to it."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.payments.ledger.domain import Ledger, Line, recomputed

CAP = 30_000
MONTHS = ("2021-09", "2021-10")
PLANS = ("one", "two")
MEASURES = {"meals": True, "transport": True, "preparation": False}
CENTS = st.integers(min_value=1, max_value=2 * CAP)
PLACES = st.tuples(
    st.sampled_from(PLANS), st.sampled_from(sorted(MEASURES)), st.sampled_from(MONTHS)
)


class AnyLifeOfAPupil(RuleBasedStateMachine):
    """Two plans of one pupil, reserved, claimed, returned, released, their ceiling changed."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
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
        assert wish.refused == 0 or wish.reserved == wish.room_left

    @rule(place=PLACES, cents=CENTS)
    def a_claim_gets_the_smaller_of_itself_and_the_room(
        self, place: tuple[str, str, str], cents: int
    ) -> None:
        line = self.line(*place)
        month = self.ledger.months["pupil", line.month]
        room = line.reserved + month.free if line.under_ceiling else cents
        paid = self.ledger.available(line, cents)
        assert paid == min(cents, room)
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

    @rule(plan_id=st.sampled_from(PLANS))
    def a_plan_ends(self, plan_id: str) -> None:
        for line in self.ledger.lines_of_plan(plan_id):
            self.ledger.release(line)
            assert line.reserved == 0

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
        sums = recomputed(self.ledger.lines.values())
        for key, month in self.ledger.months.items():
            assert sums.get(key, (0, 0)) == (month.reserved, month.ordered)

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
    ledger.open_month("pupil", "2021-10", CAP)
    ledger.reserve(line, 100)
    assert ledger.touched_lines == {line.key}
    assert ledger.touched_months == {("pupil", "2021-10")}
