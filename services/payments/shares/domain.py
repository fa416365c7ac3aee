"""How cells share the ceiling of one pupil's month, so that all together never exceed it. Pure.

All cells hear what is told of a pupil's month in one order, that of `payments.months.v1`.

- *Nothing held, asking.* A cell that meets a month begins with nothing of it, and asks.
- *Begun here.* Of all asks the first brings its cell the whole ceiling, and no other ever does.
- *Ours.* The cell that asked last has what is left, and gets what becomes free elsewhere.
- *Gone.* When a cell hears a later ask it keeps what it has reserved and ordered and hands over
  the rest, now and whenever something becomes free; it answers the ask that came right after its
  own even where nothing is left.

What is handed over leaves the one cell in the transaction in which it is told, and arrives in the
other when that is heard; meanwhile nobody holds it. So the shares of all cells are at most the
ceiling, in whatever order, however often and however late they hear of each other.

A cell answers no sooner than it was answered itself, so who was answered by the last owner has
all there is. That ends: a cell waits only for one that asked before it, and one that asks again
answers first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.payments.ledger.domain import Ledger, MonthKey
from services.payments.ledger.months import ASKING, PupilMonth


class Ask(NamedTuple):
    """What a cell asked for, as told by its source: a month, for a partner, the n-th time."""

    key: MonthKey
    source: str
    arrival: str
    version: int


@dataclass
class Asks:
    """The cells that asked for a month, with the number of the last ask of each and its place."""

    versions: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def owner(self) -> str | None:
        """Who asked last and so has what is left, if anybody asked."""
        return max(self.places, key=self.places.__getitem__, default=None)

    def note(self, ask: Ask) -> bool:
        """Let an ask take its place behind all others; False where it was heard before."""
        if ask.version <= self.versions.get(ask.source, 0):
            return False
        self.places[ask.source] = max(self.places.values(), default=0) + 1
        self.versions[ask.source] = ask.version
        return True


class Given(NamedTuple):
    """What a month hands over to a partner elsewhere, this time; 0 is an answer too."""

    key: MonthKey
    partner: str
    cents: int


class Gift(NamedTuple):
    """What a cell told that it handed over to a partner of this one, all times together."""

    key: MonthKey
    source: str
    partner: str
    version: int
    cents: int


def hear_ask(asks: Asks, ask: Ask, month: PupilMonth | None, *, own: str) -> list[Given]:
    """Hear that a cell asked; `month` is this cell's, if it has it. Gives what is handed over."""
    before = asks.owner
    if not asks.note(ask) or month is None:
        return []
    if ask.source == own:
        return _ours(month, ask, before)
    month.goes_to = ask.arrival
    if before == own:
        month.owes_to = ask.arrival
    return hand_over(month)


def _ours(month: PupilMonth, ask: Ask, before: str | None) -> list[Given]:
    """Our own ask came back: what is left is ours, as soon as the one before us has answered."""
    month.asked = max(month.asked, ask.version)
    month.heard(ASKING)
    month.goes_to = None
    answer = []
    if month.owes_to is not None:
        answer.append(Given(ask.key, month.owes_to, 0))
        month.owes_to = None
    if before is None:
        month.elsewhere, month.begun_here = 0, True
    elif before != ask.source:
        month.await_(before)
    return answer


def hear_gift(month: PupilMonth, gift: Gift, *, known_cents: int) -> list[Given]:
    """Take what was handed over beyond what is known; gives what goes on to another cell."""
    month.elsewhere -= gift.cents - known_cents
    if month.elsewhere < 0:
        # The ceiling was raised, and this cell has not heard of it yet.
        month.cap, month.elsewhere = month.cap - month.elsewhere, 0
    month.heard(gift.source)
    return hand_over(month)


def hand_over(month: PupilMonth) -> list[Given]:
    """Let go what is free of a month that is another cell's by now, and answer who waits for it."""
    if month.awaits or month.goes_to is None:
        return []
    key, given = (month.pupil_ref, month.month), []
    if month.free > 0:
        given.append(Given(key, month.goes_to, month.free))
        month.elsewhere += month.free
    if month.owes_to is not None and not (given and month.owes_to == month.goes_to):
        given.append(Given(key, month.owes_to, 0))
    month.owes_to = None
    return given


def hand_over_all(ledger: Ledger) -> list[Given]:
    """The same for every month a batch has touched."""
    return [
        given for key in sorted(ledger.touched_months) for given in hand_over(ledger.months[key])
    ]


def added_up(given: Iterable[Given]) -> dict[tuple[MonthKey, str], int]:
    """What is handed over of each month to each partner, answers included."""
    sums: dict[tuple[MonthKey, str], int] = {}
    for one in given:
        sums[one.key, one.partner] = sums.get((one.key, one.partner), 0) + one.cents
    return sums


def arrivals(ledger: Ledger) -> Mapping[MonthKey, str]:
    """For which partner each month that is asked for is asked: that of the plan it is for."""
    return {key: _arrival(ledger, key) for key in sorted(ledger.asks)}


def _arrival(ledger: Ledger, key: MonthKey) -> str:
    """The partner of the last plan that came to use a month."""
    known = [
        ledger.draws_on[line.plan_id]
        for line in ledger.lines_of_month(*key)
        if line.plan_id in ledger.draws_on
    ]
    return known[-1][0]
