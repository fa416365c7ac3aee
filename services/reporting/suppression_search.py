"""Searches one world in which a small group is not small: depth first, cut off by cost. Pure."""

from collections.abc import Sequence

from services.reporting.quantities import NEVER, Changes, Guard, System
from services.reporting.suppression_exchange import exchanged

WIDTH_MAX = 6
NODES_MAX = 200
FREE_NODES_MAX = 60
CHANGES_MAX = 400
OPEN_COST = 20
"""What mending a sum that is still broken is guessed to cost; it leads the search round corners."""


def _hideable(system: System, quantity: int) -> bool:
    return (
        system.printed[quantity] and system.cost[quantity] < NEVER and system.values[quantity] >= 1
    )


def world_for(system: System, guard: Guard, *, free: bool) -> Changes | None:
    """The cheapest world found in which the guard's quantity has one of its targets."""
    value = system.values[guard.quantity]
    if guard.is_safe(value):
        return {}
    best: tuple[int, Changes] | None = None
    for target in guard.targets:
        least = system.least[guard.quantity]
        if least is not None and target < least:
            continue
        search = _Search(system, free=free, cost_max=best[0] if best else NEVER)
        search.raise_totals(guard.quantity, target - value)
        search.start(guard.quantity, target - value)
        if search.best is not None:
            best = search.best
            if best[0] == 0:
                break
    if best is None and not free:
        return exchange_for(system, guard, hiding=False) or exchange_for(system, guard, hiding=True)
    return best[1] if best else None


def exchange_for(system: System, guard: Guard, *, hiding: bool) -> Changes | None:
    """A world by exact means, from what is hidden already or with more of it."""

    def may(quantity: int) -> bool:
        return not system.printed[quantity] or (hiding and _hideable(system, quantity))

    def dear(quantity: int) -> bool:
        return system.printed[quantity]

    value, least = system.values[guard.quantity], system.least[guard.quantity]
    for target in guard.targets:
        if least is None or target >= least:
            change = target - value
            found = exchanged(system, guard.quantity, change, may=may, dear=dear)
            if found is not None and guard.is_safe(value + found.get(guard.quantity, 0)):
                return found
    return None


class _Search:
    """Depth first, the cheapest candidates first, cut off by cost and by nodes."""

    def __init__(self, system: System, *, free: bool, cost_max: int) -> None:
        self._system = system
        self._free = free
        self._cost_max = cost_max
        self._nodes_left = FREE_NODES_MAX if free else NODES_MAX
        self._fixed = -1
        self.best: tuple[int, Changes] | None = None

    def start(self, quantity: int, change: int) -> None:
        """Change one quantity and repair every sum that this breaks."""
        self._fixed = quantity
        changes: Changes = {}
        broken: dict[int, int] = {}
        self._apply(quantity, change, changes, broken)
        self._repair(changes, broken, 0)

    def raise_totals(self, quantity: int, change: int) -> None:
        """The plainest world: a smallest part is raised with all totals above it, to the top."""
        self._fixed = quantity
        changes: Changes = {}
        broken: dict[int, int] = {}
        self._apply(quantity, change, changes, broken)
        if quantity not in self._system.slacks:
            changes, broken = {}, {}
            part = self._smallest_part(quantity)
            if part != quantity and self._price(part, change, changes) is None:
                return
            self._apply(part, change, changes, broken)
        cost = sum(self._system.cost[q] for q in changes if self._system.printed[q])
        for _ in range(CHANGES_MAX):
            if not broken:
                break
            number, left = next(iter(broken.items()))
            mending = self._mending(number, left, changes, broken)
            if mending is None:
                return
            price, mender, step = mending
            cost += price
            self._apply(mender, step, changes, broken)
        if not broken and cost < self._cost_max:
            self.best = (cost, {q: change for q, change in changes.items() if change})
            self._cost_max = cost

    def _smallest_part(self, quantity: int) -> int:
        """A part of a part ... of a quantity, which is no total itself; not zero if it can be."""
        system = self._system
        seen = {quantity}
        while True:
            parts = [
                (system.values[part] < 1, system.printed[part], system.values[part], part)
                for number, sign in system.sums_of[quantity]
                if number not in system.slack_of and system.sums[number][0][0] == quantity
                for part, _ in system.sums[number][1:]
                if part not in seen
            ]
            if not parts:
                return quantity
            quantity = min(parts)[-1]
            seen.add(quantity)

    def _mending(
        self, number: int, left: int, changes: Changes, broken: dict[int, int]
    ) -> tuple[int, int, int] | None:
        """Who mends a sum when things are raised: its total, otherwise the best of its parts."""
        terms = self._system.sums[number]
        total, sign = terms[0]
        step = -left * sign
        if number not in self._system.slack_of and step > 0:
            # A total that was raised already may be raised again, and again what holds it.
            price = 0 if total in changes else self._price(total, step, changes)
            if price is not None and not self._is_fixed(total):
                return price, total, step
        found = []
        for quantity, sign in terms:
            if self._is_fixed(quantity):
                continue
            for step in self._steps(quantity, -left * sign, changes):
                again = quantity in changes and step > 0 and changes[quantity] > 0
                price = 0 if again else self._price(quantity, step, changes)
                if price is not None:
                    guess = price + OPEN_COST * self._opened(quantity, step, broken)
                    found.append((step < 0, guess, price, quantity, step))
        return min(found)[2:] if found else None

    def _is_fixed(self, quantity: int) -> bool:
        """Whether this is the difference whose value the search wants."""
        return quantity == self._fixed and quantity in self._system.slacks

    def _price(self, quantity: int, change: int, changes: Changes) -> int | None:
        """What it costs to change a quantity; None where that cannot be."""
        system = self._system
        if quantity in changes:
            return None
        if not self._may_change(quantity):
            return None
        printed = system.printed[quantity]
        least = 1 if printed else system.least[quantity]
        if least is not None and system.values[quantity] + change < least:
            return None
        return system.cost[quantity] if printed else 0

    def _may_change(self, quantity: int) -> bool:
        """Whether nobody knows the quantity, or it can still be hidden."""
        return not self._system.printed[quantity] or (
            not self._free and _hideable(self._system, quantity)
        )

    def _apply(self, quantity: int, change: int, changes: Changes, broken: dict[int, int]) -> None:
        """Change a quantity; what is left over in a sum goes into its slack where it can."""
        changes[quantity] = changes.get(quantity, 0) + change
        system = self._system
        for number, sign in system.sums_of[quantity]:
            left = broken.pop(number, 0) + sign * change
            if left == 0:
                continue
            slack = system.slack_of.get(number)
            if slack is not None and slack not in (quantity, self._fixed):
                # A difference enters its sum with minus one; it takes what it can.
                taken = self._room(slack, left, changes)
                changes[slack] = changes.get(slack, 0) + taken
                left -= taken
                if left == 0:
                    continue
            broken[number] = left

    def _room(self, slack: int, wanted: int, changes: Changes) -> int:
        """How much of a change a difference can take without falling below its least."""
        least = self._system.least[slack]
        if least is None:
            return wanted
        return max(wanted, least - self._system.values[slack] - changes.get(slack, 0))

    def _repair(self, changes: Changes, broken: dict[int, int], cost: int) -> None:
        """Mend one broken sum in every promising way, and go on."""
        if not broken:
            kept = {quantity: change for quantity, change in changes.items() if change}
            self.best = (cost, kept)
            self._cost_max = cost
            return
        self._nodes_left -= 1
        if self._nodes_left < 0:
            return
        number = next(iter(broken))
        for price, quantity, change in self._candidates(number, broken[number], changes, broken):
            if cost + price >= self._cost_max:
                continue
            next_changes, next_broken = dict(changes), dict(broken)
            self._apply(quantity, change, next_changes, next_broken)
            self._repair(next_changes, next_broken, cost + price)
            if self.best is not None and self.best[0] == 0:
                return

    def _candidates(
        self, number: int, left: int, changes: Changes, broken: dict[int, int]
    ) -> Sequence[tuple[int, int, int]]:
        """Who could take up what a sum lacks: (price, quantity, change), cheapest first."""
        found = []
        for quantity, sign in self._system.sums[number]:
            if quantity in changes or not self._may_change(quantity):
                continue
            for change in self._steps(quantity, -left * sign, changes):
                price = self._price(quantity, change, changes)
                if price is None:
                    continue
                part = OPEN_COST if abs(change) < abs(left) else 0
                guess = price + part + OPEN_COST * self._opened(quantity, change, broken)
                found.append((guess, price, quantity, change))
        found.sort()
        return [(price, quantity, change) for _, price, quantity, change in found[:WIDTH_MAX]]

    def _steps(self, quantity: int, wanted: int, changes: Changes) -> tuple[int, ...]:
        """The whole change, and the part of it that breaks nothing where that is less."""
        room = abs(wanted)
        if room == 1:
            return (wanted,)
        sign = 1 if wanted > 0 else -1
        system = self._system
        least = 1 if system.printed[quantity] else system.least[quantity]
        if sign < 0 and least is not None:
            room = min(room, system.values[quantity] - least)
        for number, its_sign in system.sums_of[quantity]:
            slack = system.slack_of.get(number)
            if slack is not None and slack not in (quantity, self._fixed):
                room = min(room, abs(self._room(slack, its_sign * sign * room, changes)))
        return (wanted,) if room in (0, abs(wanted)) else (sign * room, wanted)

    def _opened(self, quantity: int, change: int, broken: dict[int, int]) -> int:
        """How many more sums are broken after a change than before."""
        more = 0
        for number, sign in self._system.sums_of[quantity]:
            left = broken.get(number, 0)
            if left + sign * change == 0:
                more -= 1
            elif not left and number not in self._system.slack_of:
                more += 1
        return more
