"""The ceiling ledger: one sum per pupil and month that reservations and orders may never exceed.

Pure: rows come in, are changed in memory, and the touched ones go back. All sums are cents. Every
verb keeps `reserved + ordered + elsewhere <= cap` for months, `reserved, ordered >= 0` for lines
and what is spoken for within the allocation; the database holds the same as constraints. How much
is `elsewhere`, and who has what is free, is the business of `shares`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.payments.allocations.domain import Allocation, AllocationKey
from services.payments.ledger.months import PupilMonth

MonthKey = tuple[str, str]
"""Pupil reference and month."""
LineKey = tuple[str, str, str]
"""Plan, measure and month."""


class Place(NamedTuple):
    """Where a plan is: the school, what it is called, and who pays."""

    school_id: str
    partner: str
    name_lv: str
    name_en: str


@dataclass(slots=True)
class Line:
    """One measure of a plan in one month: planned, still reserved, already ordered.

    What is `waiting` found no room in the partner's allocation and may be reserved later. `row` is
    the number of its row; 0 while it has none.
    """

    plan_id: str
    measure_id: str
    month: str
    pupil_ref: str
    support_type: str
    under_ceiling: bool
    plan_version: int
    planned: int = 0
    reserved: int = 0
    ordered: int = 0
    waiting: int = 0
    row: int = 0

    @property
    def key(self) -> LineKey:
        """What the line is called."""
        return self.plan_id, self.measure_id, self.month


@dataclass(frozen=True, slots=True)
class Reserved:
    """What became of the wish to reserve a month of a measure."""

    line: Line
    asked: int
    reserved: int
    room: "Room"

    @property
    def refused(self) -> int:
        """What did not fit."""
        return self.asked - self.reserved


class Room(NamedTuple):
    """How much of what is asked there is room for, and the reason where it is not all of it."""

    cents: int
    reason: str | None = None


@dataclass
class Ledger:
    """The months and lines of a batch; `touched_*` name what has to be written back.

    `draws_on` says for each plan from which allocation its money comes. Only an allocation that is
    held can be spoken for further; a line that uses what was reserved for it, and whatever is given
    back, needs none. `spoken_for` is what the batch changed. Where several cells pay the months are
    `shared`: a new one begins empty and is asked for.
    """

    months: dict[MonthKey, PupilMonth] = field(default_factory=dict)
    lines: dict[LineKey, Line] = field(default_factory=dict)
    draws_on: dict[str, AllocationKey] = field(default_factory=dict)
    held: Mapping[AllocationKey, Allocation] = field(default_factory=dict)
    spoken_for: dict[AllocationKey, int] = field(default_factory=lambda: defaultdict(int))
    shared: bool = False
    asks: set[MonthKey] = field(default_factory=set)
    touched_months: set[MonthKey] = field(default_factory=set)
    touched_lines: set[LineKey] = field(default_factory=set)
    _of_month: dict[MonthKey, list[Line]] = field(default_factory=lambda: defaultdict(list))
    _of_plan: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, months: Iterable[PupilMonth], lines: Iterable[Line]) -> "Ledger":
        """A ledger of rows as they stand."""
        ledger = cls(months={(month.pupil_ref, month.month): month for month in months})
        for line in lines:
            ledger.add(line)
        return ledger

    def add(self, line: Line) -> Line:
        """Enter a line under its month and its plan."""
        self.lines[line.plan_id, line.measure_id, line.month] = line
        self._of_month[line.pupil_ref, line.month].append(line)
        self._of_plan[line.plan_id].append(line)
        return line

    def open_month(self, pupil_ref: str, month: str, cap: int) -> PupilMonth:
        """The pupil's month with this ceiling; a ceiling never falls below what is spoken for."""
        key = pupil_ref, month
        found = self.months.get(key)
        if found is None:
            begin = PupilMonth.of_several_cells if self.shared else PupilMonth
            found = self.months[key] = begin(pupil_ref, month, cap)
            self.touched_months.add(key)
            if self.shared:
                self.ask(found)
        elif found.cap != cap and found.change_ceiling(cap):
            self.touched_months.add(key)
        return found

    def ask(self, month: PupilMonth) -> None:
        """Ask other cells for what they leave of a month, unless it is being asked for already."""
        if month.ask():
            self.asks.add((month.pupil_ref, month.month))
            self.touched_months.add((month.pupil_ref, month.month))

    def lines_of_month(self, pupil_ref: str, month: str) -> Sequence[Line]:
        """All lines that count in a pupil's month, of all plans."""
        return self._of_month.get((pupil_ref, month), ())

    def plans_sharing_months(self, wanted: Iterable[tuple[str, MonthKey]] = ()) -> set[str]:
        """The plans that use a pupil's month together with another plan.

        `wanted` are plans that are about to use a month.
        """
        shared: set[str] = set()
        for lines in self._of_month.values():
            if len(lines) > 1:
                plans = {line.plan_id for line in lines}
                shared |= plans if len(plans) > 1 else set()
        for plan_id, month in wanted:
            others = {line.plan_id for line in self._of_month.get(month, ())} - {plan_id}
            if others:
                shared |= {plan_id, *others}
        return shared

    def lines_of_plan(self, plan_id: str) -> Sequence[Line]:
        """All lines of a plan."""
        return self._of_plan.get(plan_id, ())

    def reserve(self, line: Line, planned: int) -> Reserved:
        """Plan a sum for the line and reserve what is not ordered yet, as far as there is room.

        What only the allocation has no room for waits.
        """
        self.release(line)
        line.planned = planned
        asked = max(planned - line.ordered, 0)
        room = self._more(line, asked)
        line.waiting = self._to_wait_for(line, asked) - room.cents
        self._move(line, reserved=room.cents)
        return Reserved(line, asked, room.cents, room)

    def reserve_waiting(self, line: Line) -> Reserved:
        """Reserve what waited, as far as there is room now and it is not ordered meanwhile."""
        asked = min(line.waiting, max(line.planned - line.ordered - line.reserved, 0))
        room = self._more(line, asked)
        line.waiting = asked - room.cents
        self._move(line, reserved=room.cents)
        return Reserved(line, asked, room.cents, room)

    def release(self, line: Line) -> int:
        """Free what the line has reserved and not ordered; returns the freed cents."""
        freed = line.reserved
        line.waiting = 0
        self._move(line, reserved=-freed)
        return freed

    def release_part(self, line: Line, cents: int) -> int:
        """Free as much of what the line has reserved, or all of it; returns the freed cents."""
        freed = min(line.reserved, cents)
        self._move(line, reserved=-freed)
        return freed

    def room(self, line: Line, asked: int) -> Room:
        """What of a claim can be ordered: first the line's reservation, then what is free."""
        if asked <= line.reserved:
            return Room(asked)
        more = self._more(line, asked - line.reserved)
        return Room(line.reserved + more.cents, more.reason)

    def order(self, line: Line, cents: int) -> None:
        """Use cents for an order; more than available is a fault of the caller."""
        assert 0 < cents <= self.room(line, cents).cents, (line, cents)
        self._move(line, reserved=-min(line.reserved, cents), ordered=cents)

    def give_back(self, line: Line, cents: int) -> None:
        """Take an order back (returned, recovered): the month is free again by this sum."""
        assert 0 < cents <= line.ordered, (line, cents)
        self._move(line, ordered=-cents)

    def _more(self, line: Line, asked: int) -> Room:
        """How much more than it has a line may hold: the month and the allocation have a say."""
        if asked == 0:
            return Room(0)
        cents = self._under_ceiling(line, asked)
        allocation = self.held[self.draws_on[line.plan_id]]
        if allocation.free is not None and allocation.free < cents:
            return Room(max(allocation.free, 0), allocation.reason)
        return Room(cents, self._month(line).why_full if cents < asked else None)

    def _to_wait_for(self, line: Line, asked: int) -> int:
        """How much of a line may be reserved later: what other cells may still leave counts."""
        if line.under_ceiling and (month := self._month(line)).awaits:
            return min(asked, month.free + month.elsewhere)
        return self._under_ceiling(line, asked)

    def _under_ceiling(self, line: Line, asked: int) -> int:
        """How much more of a line the month has room for."""
        return min(asked, self._month(line).free) if line.under_ceiling else asked

    def _month(self, line: Line) -> PupilMonth:
        """The month the line counts in."""
        return self.months[line.pupil_ref, line.month]

    def _move(self, line: Line, *, reserved: int = 0, ordered: int = 0) -> None:
        """Change line, month and allocation together."""
        line.reserved += reserved
        line.ordered += ordered
        self.touched_lines.add(line.key)
        if reserved + ordered:
            self._speak_for(self.draws_on[line.plan_id], reserved + ordered)
        if line.under_ceiling and (reserved or ordered):
            month = self._month(line)
            month.reserved += reserved
            month.ordered += ordered
            self.touched_months.add((line.pupil_ref, line.month))
            assert month.reserved >= 0 <= month.ordered, month
            assert month.reserved + month.ordered + month.elsewhere <= month.cap, month

    def _speak_for(self, key: AllocationKey, cents: int) -> None:
        """Speak for more of an allocation, which must be held, or for less."""
        self.spoken_for[key] += cents
        allocation = self.held.get(key)
        if allocation is not None:
            allocation.spoken_for += cents
        if cents > 0:
            assert allocation is not None, key
            assert allocation.free is None or allocation.free >= 0, allocation
