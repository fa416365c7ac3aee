"""One month of one pupil in several cells: never above the ceiling, whoever hears what and when."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.payments.allocations.domain import Allocation
from services.payments.ledger.domain import Ledger, Line, MonthKey
from services.payments.ledger.months import (
    CEILING_FULL,
    ROOM_AWAITED,
    ROOM_HANDED_OVER,
    PupilMonth,
)
from services.payments.shares.domain import (
    Ask,
    Asks,
    Gift,
    Given,
    added_up,
    arrivals,
    hand_over_all,
    hear_ask,
    hear_gift,
)

CAP = 30_000
KEY: MonthKey = ("pupil", "2021-10")
NAMES = ("one", "two", "three", "four")
CELLS = st.sampled_from(NAMES)
CENTS = st.integers(1, CAP)
Told = Ask | Gift


@dataclass
class Cell:
    """A cell with its books, what it has not told yet and how far it has heard."""

    name: str
    ceiling: int = CAP
    ledger: Ledger = field(default_factory=Ledger)
    asks: Asks = field(default_factory=Asks)
    gifts: dict[tuple[str, str], Gift] = field(default_factory=dict)
    outbox: list[Told] = field(default_factory=list)
    heard: int = 0

    def __post_init__(self) -> None:
        allocation = self.name, "2021-1"
        self.ledger.shared = True
        self.ledger.held = {allocation: Allocation(*allocation)}
        self.ledger.draws_on = {self.name: allocation}

    @property
    def month(self) -> PupilMonth | None:
        """The month, if the cell has met it."""
        return self.ledger.months.get(KEY)

    @property
    def line(self) -> Line:
        """The line of the plan, with its month open."""
        found = self.ledger.lines.get((self.name, "meals", KEY[1])) or self.ledger.add(
            Line(self.name, "meals", KEY[1], KEY[0], "meals", under_ceiling=True, plan_version=1)
        )
        self.ledger.open_month(*KEY, self.ceiling)
        return found

    def approve(self, cents: int) -> None:
        """A version of the plan is approved: what is elsewhere is asked for."""
        line = self.line
        month = self.ledger.months[KEY]
        if month.goes_to is not None:
            self.ledger.ask(month)
        self.ledger.reserve(line, cents)
        self.save()

    def claim(self, cents: int) -> None:
        """A claim takes what there is room for; of what is missing the reason is the right one."""
        line = self.line
        room = self.ledger.room(line, cents)
        month = self.ledger.months[KEY]
        if room.cents < cents:
            other = ROOM_HANDED_OVER if month.goes_to else CEILING_FULL
            assert room.reason == (ROOM_AWAITED if month.awaits else other)
        if room.cents:
            self.ledger.order(line, room.cents)
        self.save()

    def hear(self, told: Told) -> None:
        """Hear a fact, for the first time or again."""
        if isinstance(told, Ask):
            self.heard_of(hear_ask(self.asks, told, self.month, own=self.name))
        elif told.partner == self.name:
            name = told.source, told.partner
            before = self.gifts.get(name, told._replace(version=0, cents=0))
            month = self.month
            assert month is not None, "nothing is handed over to who has not asked"
            if told.version > before.version:
                self.gifts[name] = told
                self.heard_of(hear_gift(month, told, known_cents=before.cents))

    def heard_of(self, given: list[Given]) -> None:
        """What waited is reserved where the month is ours."""
        if self.month and self.month.goes_to is None and self.line.waiting:
            self.ledger.reserve_waiting(self.line)
        self.save(given)

    def save(self, given: list[Given] | None = None) -> None:
        """End a transaction: what is to be told is in the outbox."""
        handed_over = [*(given or []), *hand_over_all(self.ledger)]
        for key, partner in arrivals(self.ledger).items():
            self.outbox.append(Ask(key, self.name, partner, self.ledger.months[key].asked))
        for (key, partner), cents in added_up(handed_over).items():
            name = self.name, partner
            before = self.gifts.get(name, Gift(key, self.name, partner, 0, 0))
            gift = before._replace(version=before.version + 1, cents=before.cents + cents)
            self.gifts[name] = gift
            self.outbox.append(gift)
        self.ledger.asks.clear()
        self.ledger.touched_months = set(self.ledger.months)


class AnyMovesOfAPupil(RuleBasedStateMachine):
    """Plans, claims, money coming back in any cell; facts late, repeated, in any interleaving."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = {name: Cell(name) for name in NAMES}
        self.log: list[Told] = []
        self.highest = CAP
        self.steady = True

    @rule(name=CELLS, cents=CENTS)
    def a_plan_is_approved(self, name: str, cents: int) -> None:
        self.cells[name].approve(cents)

    @rule(name=CELLS, cents=CENTS)
    def a_claim_comes(self, name: str, cents: int) -> None:
        self.cells[name].claim(cents)

    @rule(name=CELLS)
    def a_plan_ends(self, name: str) -> None:
        cell = self.cells[name]
        cell.ledger.release(cell.line)
        cell.save()

    @rule(name=CELLS, cents=CENTS)
    def money_comes_back(self, name: str, cents: int) -> None:
        cell = self.cells[name]
        line = cell.line
        if line.ordered:
            cell.ledger.give_back(line, min(cents, line.ordered))
        cell.save()

    @rule(name=CELLS, cap=st.integers(0, 2 * CAP))
    def a_cell_learns_of_another_ceiling(self, name: str, cap: int) -> None:
        self.steady = False
        self.highest = max(self.highest, cap)
        self.cells[name].ceiling = cap

    @rule(name=CELLS)
    def a_cell_tells(self, name: str) -> None:
        outbox = self.cells[name].outbox
        if outbox:
            self.log.append(outbox.pop(0))

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def a_fact_is_told_again(self, data: st.DataObject) -> None:
        self.log.append(data.draw(st.sampled_from(self.log)))

    @rule(name=CELLS, most=st.integers(1, 5))
    def a_cell_hears(self, name: str, most: int) -> None:
        cell = self.cells[name]
        for told in self.log[cell.heard : cell.heard + most]:
            cell.hear(told)
        cell.heard = min(len(self.log), cell.heard + most)

    @rule(name=CELLS, data=st.data())
    def a_cell_hears_again(self, name: str, data: st.DataObject) -> None:
        cell = self.cells[name]
        if cell.heard:
            cell.hear(self.log[data.draw(st.integers(0, cell.heard - 1))])

    @invariant()
    def all_cells_together_hold_no_more_than_the_ceiling(self) -> None:
        months = [cell.month for cell in self.cells.values() if cell.month]
        assert sum(month.cap - month.elsewhere for month in months) <= self.highest
        for month in months:
            assert month.elsewhere >= 0 <= month.free
            assert month.reserved + month.ordered + month.elsewhere <= month.cap

    @invariant()
    def only_one_cell_was_ever_the_first(self) -> None:
        assert sum(bool(cell.month and cell.month.begun_here) for cell in self.cells.values()) <= 1

    def teardown(self) -> None:
        """Once everything is heard, all that is left is with the cell that asked last."""
        while any(cell.outbox or cell.heard < len(self.log) for cell in self.cells.values()):
            for name in NAMES:
                self.a_cell_tells(name)
                self.a_cell_hears(name, most=len(self.log) or 1)
            self.all_cells_together_hold_no_more_than_the_ceiling()
        months = {name: cell.month for name, cell in self.cells.items() if cell.month}
        assert {cell.asks.owner for cell in self.cells.values()} <= {*months, None}
        for name, month in months.items():
            owner = self.cells[name].asks.owner
            assert not month.awaits and month.owes_to is None
            assert month.goes_to == (None if name == owner else owner)
            assert name == owner or month.free == 0
        if months and self.steady:
            assert sum(month.cap - month.elsewhere for month in months.values()) == CAP


AnyMovesOfAPupil.TestCase.settings = settings(
    max_examples=200, stateful_step_count=50, deadline=None
)
TestAnyMovesOfAPupil = AnyMovesOfAPupil.TestCase


def test_who_asked_last_waits_until_all_before_it_have_answered() -> None:
    one, two, three = cells = [Cell(name) for name in NAMES[:3]]
    log: list[Told] = []

    def tell_and_hear(*hearing: Cell) -> None:
        for cell in cells:
            log.extend(cell.outbox)
            cell.outbox.clear()
        for cell in hearing:
            for told in log[cell.heard :]:
                cell.hear(told)
            cell.heard = len(log)

    one.approve(10_000)
    tell_and_hear(*cells)
    for cell in (two, three):
        cell.approve(15_000)
        tell_and_hear(two, three)
    assert three.month is not None and (three.month.awaits, three.month.free) == ("two", 0)
    assert three.ledger.room(three.line, 100).reason == ROOM_AWAITED
    tell_and_hear(one)
    tell_and_hear(two)
    assert three.month.awaits == "two", "what the first hands over is still on its way"
    tell_and_hear(three)
    assert (three.month.awaits, three.month.elsewhere) == ("", 10_000)
    assert (three.month.reserved, three.month.free) == (15_000, 5_000), "what waited is reserved"
    assert two.month is not None and two.month.goes_to == "three"
    assert one.month is not None and (one.month.reserved, one.month.free) == (10_000, 0)
