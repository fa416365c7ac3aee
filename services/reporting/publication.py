"""What of a period's numbers an edition prints, against everything printed before. Pure.

The rules: a count of 1 to 4 persons is hidden; so is whatever would let it be worked out, whether
from sums over places, from a measure that contains another, from a semester inside a year, or
from an earlier edition of the same period. Zero stays zero. `suppression.py` finds what to hide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.reporting.counted import Numbers
from services.reporting.domain import Mark, periods_up
from services.reporting.public_columns import (
    COLUMNS,
    DIVIDED,
    NESTED,
    SPENT,
    is_printed_for,
)
from services.reporting.public_places import NATION, Places
from services.reporting.quantities import NEVER, Guard, System, cost_of_hiding
from services.reporting.suppression import CannotProtect, protect
from services.reporting.suppression_proof import unproved

MONEY_PER_COST = 1_000
NATION_COST = 1_000
"""What readers lose with a number of the nation, in persons, besides those in it."""
Name = tuple[str, str]


@dataclass(frozen=True)
class Release:
    """The numbers of one edition with what of them was printed; kept where nobody reads it."""

    period: str
    numbers: Numbers
    places: Places
    printed: frozenset[Name]
    small_group_min: int


@dataclass(frozen=True)
class Draft:
    """The numbers of an edition in the making, and what is held back until somebody decides."""

    period: str
    numbers: Numbers
    places: Places
    small_group_min: int
    blocked_nodes: frozenset[str] = frozenset()
    blocked_cells: frozenset[Name] = frozenset()

    def is_blocked(self, name: Name) -> bool:
        """Whether a contradiction holds a cell back."""
        return name[0] in self.blocked_nodes or name in self.blocked_cells


@dataclass(frozen=True)
class Outcome:
    """What an edition prints: the release to remember, how many groups were guarded and proved."""

    release: Release
    hidden: frozenset[Name]
    guarded: int


@dataclass
class _Printed:
    """One release inside the system: its quantities by name."""

    release: Release
    quantities: dict[Name, int] = field(default_factory=dict)


def decide(draft: Draft, history: Iterable[Release]) -> Outcome:
    """Decide what is printed; raises CannotProtect where no way was found to print anything."""
    system = System()
    open_cells = frozenset(name for name in draft.numbers if not draft.is_blocked(name))
    now = Release(draft.period, draft.numbers, draft.places, open_cells, draft.small_group_min)
    current = _enter(system, now, released=False)
    before = [
        _enter(system, release, released=True)
        for release in history
        if _related(release.period, draft.period)
    ]
    everything = [*before, current]
    for number, later in enumerate(everything):
        for earlier in everything[:number]:
            _compare(system, later, earlier)
    _compare_years(system, everything)
    protection = protect(system)
    faults = unproved(system, protection.worlds)
    if faults:
        raise CannotProtect(faults[0])
    printed = frozenset(
        name
        for name in open_cells
        if name not in current.quantities or system.printed[current.quantities[name]]
    )
    release = Release(now.period, now.numbers, now.places, printed, now.small_group_min)
    return Outcome(release, frozenset(now.numbers) - printed, len(system.guards))


def mark_of(outcome: Outcome, draft: Draft, name: Name, *, reported: bool) -> Mark:
    """What the edition says in a cell."""
    if draft.is_blocked(name):
        return Mark.BLOCKED
    if not reported:
        return Mark.NOT_REPORTED
    if name not in draft.numbers:
        return Mark.ZERO
    return Mark.VALUE if name in outcome.release.printed else Mark.HIDDEN


def _related(one: str, other: str) -> bool:
    """Whether a period contains the other."""
    return one in periods_up(other) or other in periods_up(one)


def _enter(system: System, release: Release, *, released: bool) -> _Printed:
    """Enter the numbers of a release with their sums, differences and guards."""
    entered = _Printed(release)
    for name, value in sorted(release.numbers.items()):
        column = COLUMNS[name[1]]
        if column.guarded_by is None or _is_not_shown(name):
            continue
        is_printed = name in release.printed
        entered.quantities[name] = system.quantity(
            value,
            printed=is_printed,
            least=1 if released and not is_printed else 0,
            cost=NEVER if released else _cost(name, value),
        )
    _add_sums(system, entered)
    _add_differences(system, entered)
    for name, quantity in entered.quantities.items():
        guard = _guard(release, name, quantity)
        if guard is not None:
            system.guards.append(guard)
    return entered


def _is_not_shown(name: Name) -> bool:
    """What no table has a cell for does not exist for a reader."""
    node, column = name
    return not is_printed_for(column, nation=node == NATION, school=node.startswith("school:"))


def _cost(name: Name, value: int) -> int:
    """What is lost when a cell is hidden: the more persons or money the more; the nation last."""
    node, code = name
    persons = value if COLUMNS[code].guarded_by == code else value // MONEY_PER_COST
    return cost_of_hiding(persons) + (NATION_COST if node == NATION else 0)


def _guard(release: Release, name: Name, quantity: int) -> Guard | None:
    """How a number must be guarded, if at all."""
    node, code = name
    column, value = COLUMNS[code], release.numbers[name]
    top = release.small_group_min - 1
    persons = release.numbers.get((node, column.guarded_by or ""), 0)
    if column.guarded_by == code:
        return Guard(quantity, ((1, top),), (top + 1,)) if value <= top else None
    if 1 <= persons <= top:
        reach = max(value // 10, 1)
        return Guard(
            quantity,
            ((value - reach, value + reach),),
            (value + reach + 1, max(value - reach - 1, 1)),
        )
    return None


def _add_sums(system: System, entered: _Printed) -> None:
    """Say what adds up: places within places, parts of a column."""
    known = entered.quantities
    columns = sorted({column for _, column in known})
    for parent, children in sorted(entered.release.places.children.items()):
        for column in columns:
            parts = [known[child, column] for child in children if (child, column) in known]
            if parts and (parent, column) in known:
                total = known[parent, column]
                system.add_sum((total, 1), *((part, -1) for part in parts))
    for node in sorted({node for node, _ in known}):
        for whole, codes in DIVIDED:
            parts = [known[node, code] for code in codes if (node, code) in known]
            if parts and (node, whole) in known:
                system.add_sum((known[node, whole], 1), *((part, -1) for part in parts))
    spent = [q for (node, code), q in known.items() if node == NATION and code in SPENT]
    if spent:
        # The indicators print what was spent altogether.
        value = sum(system.values[part] for part in spent)
        total = system.quantity(value, printed=True, least=0, cost=NEVER)
        system.add_sum((total, 1), *((part, -1) for part in spent))


def _add_differences(system: System, entered: _Printed) -> None:
    """Guard who is in the larger measure and not in the one it contains."""
    known = entered.quantities
    for node in sorted({node for node, _ in known}):
        for more, less in NESTED:
            if (node, more) in known and (node, less) in known:
                _contains(system, known[node, more], known[node, less], entered.release)


def _contains(system: System, more: int, less: int, release: Release) -> None:
    """One number contains another: guard the rest."""
    value = system.values[more] - system.values[less]
    rest = system.add_difference(more, less, least=0 if value >= 0 else None)
    top = release.small_group_min - 1
    if 1 <= value <= top:
        system.guards.append(Guard(rest, ((1, top),), (0, top + 1)))


def _compare(system: System, later: _Printed, earlier: _Printed) -> None:
    """Guard what two releases differ by."""
    same = later.release.period == earlier.release.period
    if later.release.period in periods_up(earlier.release.period):
        longer, shorter = later, earlier
    elif earlier.release.period in periods_up(later.release.period):
        longer, shorter = earlier, later
    else:
        return
    top = later.release.small_group_min - 1
    for name, more in longer.quantities.items():
        less = shorter.quantities.get(name)
        if less is None or COLUMNS[name[1]].guarded_by != name[1]:
            continue
        if not same:
            _contains(system, more, less, longer.release)
            continue
        value = system.values[more] - system.values[less]
        grown = system.add_difference(more, less, least=None)
        if 1 <= abs(value) <= top:
            bands = ((-top, -1), (1, top))
            system.guards.append(Guard(grown, bands, (0, top + 1, -top - 1)))


def _compare_years(system: System, everything: list[_Printed]) -> None:
    """Guard who was there in both semesters: both semesters less the year."""
    latest: Mapping[str, _Printed] = {printed.release.period: printed for printed in everything}
    for period, year in latest.items():
        first, second = latest.get(f"{period}-1"), latest.get(f"{period}-2")
        if len(period) != 4 or first is None or second is None:
            continue
        top = year.release.small_group_min - 1
        for name, whole in year.quantities.items():
            if COLUMNS[name[1]].guarded_by == name[1]:
                halves = [half.quantities.get(name) for half in (first, second)]
                _guard_both(system, whole, [h for h in halves if h is not None], top)


def _guard_both(system: System, whole: int, halves: list[int], top: int) -> None:
    """A year holds no more than its semesters together; a semester without anybody is zero."""
    value = sum(system.values[half] for half in halves) - system.values[whole]
    both = system.quantity(value, printed=False, least=min(value, 0), cost=0)
    system.add_sum_with_rest(*((half, 1) for half in halves), (whole, -1), rest=both)
    if len(halves) > 1 and 1 <= value <= top:
        system.guards.append(Guard(both, ((1, top),), (top + 1, 0)))
