"""Finds a world where searching by steps does not: by linear programming on what is near. Pure.

The sums near a small group are solved for some quantities in terms of the others; starting from
the truth the others are moved, each as far as what a reader can exclude allows, until the group
is not small (the simplex method with bounds, in exact numbers).
"""

from collections.abc import Callable
from fractions import Fraction

from services.reporting.quantities import Changes, System

NEAR = (600, 4_000, 20_000, 200_000)
"""How many quantities around a small group are looked at, until a world is found."""
TURNS_MAX = 1_500
CAREFUL_AFTER = 300
Number = int | Fraction
Row = dict[int, Number]
May = Callable[[int], bool]
"""Whether a quantity may be another one in the world."""


def exchanged(system: System, quantity: int, change: int, *, may: May, dear: May) -> Changes | None:
    """A world in which a quantity changed at least so far; None where none was found.

    What is `dear` is moved only where nothing else helps.
    """
    seen = 0
    for most in NEAR:
        near = _near(system, quantity, may, most)
        if len(near) == seen:
            return None
        seen = len(near)
        exchange = _Exchange(system, quantity, near, dear)
        world = exchange.world() if exchange.move(change) else None
        if world is not None:
            return world
    return None


def _near(system: System, quantity: int, may: May, most: int) -> list[int]:
    """Quantities that may change and hang together with one, the nearest first."""
    found, seen = [quantity], {quantity}
    for one in found:
        if len(found) >= most:
            break
        for number, _ in system.sums_of[one]:
            for other, _ in system.sums[number]:
                if other not in seen and may(other):
                    seen.add(other)
                    found.append(other)
    return found[:most]


class _Exchange:
    """Solved quantities as rows over the free ones; all start unchanged."""

    def __init__(self, system: System, wanted: int, near: list[int], dear: May) -> None:
        self._system = system
        self._wanted = wanted
        self._order = {quantity: place for place, quantity in enumerate(near)}
        self._dear = {quantity for quantity in near if dear(quantity)}
        self._rows: dict[int, Row] = {}
        self._rows_with: dict[int, set[int]] = {}
        self._moved: dict[int, Number] = dict.fromkeys(near, 0)
        self._least = {quantity: self._room_down(quantity) for quantity in near}
        for number in {number for one in near for number, _ in system.sums_of[one]}:
            self._solve(number)

    def _room_down(self, quantity: int) -> int | None:
        """How far a quantity may fall: to what a reader cannot exclude; hidden is not zero."""
        system = self._system
        least = 1 if system.printed[quantity] else system.least[quantity]
        return None if least is None else min(least - system.values[quantity], 0)

    def _solve(self, number: int) -> None:
        """Solve one more sum for a quantity in it that is still free."""
        row: Row = {}
        for quantity, sign in self._system.sums[number]:
            if quantity in self._rows:
                _add(row, self._rows[quantity], sign)
            elif quantity in self._order:
                _add(row, {quantity: 1}, sign)
        if not row:
            return
        slacks = self._system.slacks
        chosen = max(row, key=lambda q: (q != self._wanted, abs(row[q]) == 1, q in slacks, q))
        self._make_solved(chosen, row)

    def _make_solved(self, chosen: int, row: Row) -> None:
        """From `row = 0` express the chosen quantity, and put that into all rows."""
        factor = row.pop(chosen)
        solved = {quantity: _divided(-value, factor) for quantity, value in row.items()}
        for name in self._rows_with.pop(chosen, set()):
            other = self._rows[name]
            _add(other, solved, other.pop(chosen))
            for quantity in solved:
                rows = self._rows_with.setdefault(quantity, set())
                if quantity in other:
                    rows.add(name)
                else:
                    rows.discard(name)
        self._keep(chosen, solved)

    def _keep(self, name: int, row: Row) -> None:
        """A quantity is solved."""
        self._rows[name] = row
        for quantity in row:
            self._rows_with.setdefault(quantity, set()).add(name)

    def _free(self, name: int) -> Row:
        """A quantity is solved no more; gives its row."""
        row = self._rows.pop(name)
        for quantity in row:
            self._rows_with[quantity].discard(name)
        return row

    def move(self, change: int) -> bool:
        """Move the wanted quantity so far, if it can be."""
        up = change > 0
        for turn in range(TURNS_MAX):
            missing = change - self._moved[self._wanted]
            if missing == 0 or (missing > 0) != up:
                return True
            step = self._next(missing, careful=turn > CAREFUL_AFTER)
            if step is None:
                return False
            self._turn(*step)
        return False

    def _next(self, missing: Number, *, careful: bool) -> tuple[int, int, Number] | None:
        """Which free quantity to move, in which direction, and how far at most."""
        if self._wanted not in self._rows:
            return self._wanted, (1 if missing > 0 else -1), _size(missing)
        best: tuple[tuple[bool, int], int, int, Number] | None = None
        for quantity, factor in self._rows[self._wanted].items():
            sign = 1 if (factor > 0) == (missing > 0) else -1
            least = self._least[quantity]
            if sign < 0 and least is not None and self._moved[quantity] <= least:
                continue
            rank = (not careful and quantity in self._dear, self._order[quantity])
            if best is None or rank < best[0]:
                best = (rank, quantity, sign, _size(_divided(missing, factor)))
        return None if best is None else best[1:]

    def _turn(self, entering: int, sign: int, far: Number) -> None:
        """Move a free quantity until something stops it; what stops it becomes free."""
        stopped_by: int | None = None
        own = self._least[entering]
        if sign < 0 and own is not None:
            far = min(far, self._moved[entering] - own)
        concerned = sorted(self._rows_with.get(entering, ()), key=self._order.__getitem__)
        for quantity in concerned:
            falls = -sign * self._rows[quantity][entering]
            least = self._least[quantity]
            if falls > 0 and least is not None:
                room = _divided(self._moved[quantity] - least, falls)
                if room < far or (room == far and stopped_by is None):
                    far, stopped_by = room, quantity
        self._moved[entering] += sign * far
        for quantity in concerned:
            self._moved[quantity] += sign * far * self._rows[quantity][entering]
        if stopped_by is not None:
            row = self._free(stopped_by)
            row[stopped_by] = -1
            self._make_solved(entering, row)

    def world(self) -> Changes | None:
        """What changed; None where that are no whole numbers."""
        if any(number != int(number) for number in self._moved.values()):
            return None
        return {quantity: int(number) for quantity, number in self._moved.items() if number}


def _add(row: Row, other: Row, factor: Number) -> None:
    """Add a multiple of a row; what becomes nothing leaves."""
    for quantity, value in other.items():
        total = row.get(quantity, 0) + factor * value
        if total:
            row[quantity] = total
        else:
            row.pop(quantity, None)


def _size(number: Number) -> Number:
    return number if number > 0 else -number


def _divided(number: Number, by: Number) -> Number:
    """An exact quotient, whole where it is."""
    if isinstance(number, int) and isinstance(by, int) and number % by == 0:
        return number // by
    quotient = Fraction(number) / by
    return quotient.numerator if quotient.denominator == 1 else quotient
