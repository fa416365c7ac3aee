"""Which counts one person stands in, and how that changes when their evidence does. Pure.

A person stands once in every cell, however much evidence there is: a pedagogue of two schools is
one person of the municipality. At `municipality` and `nation` the person stands in the part of
the partner where they were first, so that parts can be added up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.reporting.domain import ALL, NOWHERE, Cell, Level, Place, month_period, starts_on
from services.reporting.measures import NEVER_BY_SCHOOL
from services.reporting.plan_files import Item

SCHOOL, PARTNER = Level.SCHOOL.value, Level.PARTNER.value
MUNICIPALITY, NATION = Level.MUNICIPALITY.value, Level.NATION.value
Territories = Mapping[str, Sequence[tuple[str, str]]]
"""By municipality: (grid, territory on it), only where it differs from the municipality itself."""


NOTHING = Item(Place("", "", ""), "", {}, {})
Touched = set[str | tuple[str, str]]
"""Facets, and facets of months."""


class Evidence(NamedTuple):
    """What is known about one person by id, and the days they came from a cell we do not serve."""

    items: Mapping[str, Item]
    arrivals: Sequence[str] = ()


Seen = tuple[str, Place]
"""A facet seen from a day on at a place; sorts by day, then place."""


@dataclass
class Changes:
    """How counts change; people who count at one place only are gathered before they are spread.

    `people` counts them by place, period and facet: each stands in the same cells.
    """

    cells: dict[Cell, int] = field(default_factory=dict)
    people: dict[tuple[Place, str, str], int] = field(default_factory=dict)

    def add(self, cell: Cell, number: int) -> None:
        """A count changes by a number."""
        self.cells[cell] = self.cells.get(cell, 0) + number

    def add_sums(self, before: Mapping[Cell, int], after: Mapping[Cell, int]) -> None:
        """Something added these before and adds those now."""
        for cell, number in after.items():
            if before.get(cell) != number:
                self.add(cell, number - before.get(cell, 0))
        for cell, number in before.items():
            if cell not in after:
                self.add(cell, -number)

    def spread(self, territories: Territories) -> dict[Cell, int]:
        """All changes by cell, without those that came to nothing."""
        found = dict(self.cells)
        for (place, period, facet), number in self.people.items():
            if number:
                cells: set[Cell] = set()
                _stand(cells, period, facet, [("", place)], (), territories)
                for cell in cells:
                    found[cell] = found.get(cell, 0) + number
        return {cell: number for cell, number in found.items() if number}


def standing(
    evidence: Evidence, territories: Territories, only: Touched | None = None
) -> set[Cell]:
    """All cells the person stands in; with `only`, of these facets."""
    cells: set[Cell] = set()
    for (period, facet), seen in _by_period(evidence.items.values(), only).items():
        _stand(cells, period, facet, seen, evidence.arrivals, territories)
    return cells


def change(before: Evidence, after: Evidence, territories: Territories, *, into: Changes) -> None:
    """Plus one for every cell the person newly stands in, minus one for every cell left."""
    only = touched(before, after)
    if not only:
        return
    was, now = (_by_period(evidence.items.values(), only) for evidence in (before, after))
    stayed = not before.arrivals and not after.arrivals
    for name in was.keys() | now.keys():
        old, new = was.get(name, []), now.get(name, [])
        if stayed and len(old) < 2 and len(new) < 2:
            _one_place(*name, old, new, into.people)
            continue
        left: set[Cell] = set()
        entered: set[Cell] = set()
        for cells, seen, evidence in ((left, old, before), (entered, new, after)):
            if seen:
                _stand(cells, *name, seen, evidence.arrivals, territories)
        for cell in entered - left:
            into.add(cell, 1)
        for cell in left - entered:
            into.add(cell, -1)


def _one_place(
    period: str,
    facet: str,
    old: list[Seen],
    new: list[Seen],
    people: dict[tuple[Place, str, str], int],
) -> None:
    """The usual case: there was at most one place, and there is at most one now."""
    if old and new and old[0][1] == new[0][1]:
        return
    for seen, sign in ((new, 1), (old, -1)):
        if seen:
            name = (seen[0][1], period, facet)
            people[name] = people.get(name, 0) + sign


def touched(before: Evidence, after: Evidence) -> Touched:
    """What differs in its day or its presence; only that can change where the person stands."""
    found: Touched = set()
    if list(before.arrivals) != list(after.arrivals):
        for item in (*before.items.values(), *after.items.values()):
            found.update(item.facets)
            found.update(item.months)
    for name in before.items.keys() | after.items.keys():
        old, new = before.items.get(name, NOTHING), after.items.get(name, NOTHING)
        if old.place != new.place or old.semester != new.semester:
            found.update(old.facets, old.months, new.facets, new.months)
        elif old is not new:
            found.update(facet for facet, _ in old.facets.items() ^ new.facets.items())
            found.update(facet for facet, _ in old.months.items() ^ new.months.items())
    return found


def _by_period(items: Iterable[Item], only: Touched | None) -> dict[tuple[str, str], list[Seen]]:
    """Where each facet was seen in each period."""
    found: dict[tuple[str, str], list[Seen]] = {}
    for place, semester, facets, months in items:
        for facet, since in facets.items():
            if only is None or facet in only:
                seen = (since, place)
                for period in (semester, semester[:4], ALL):
                    found.setdefault((period, facet), []).append(seen)
        for name, since in months.items():
            if only is None or name in only:
                month, facet = name
                found.setdefault((month_period(month), facet), []).append((since, place))
    return found


def _stand(
    cells: set[Cell],
    period: str,
    facet: str,
    seen: list[Seen],
    arrivals: Sequence[str],
    territories: Territories,
) -> None:
    """Enter the cells of one facet in one period."""
    measure, _, cut = facet.partition("|")
    add = cells.add
    if len(seen) > 1:
        seen.sort()
    for _, (school, partner, municipality) in seen:
        if not cut.endswith(NEVER_BY_SCHOOL):
            add(Cell(SCHOOL, partner, municipality, school, period, measure, cut))
            add(Cell(PARTNER, partner, NOWHERE, NOWHERE, period, measure, cut))
    counted: set[tuple[str, str]] = set()
    for _, (_, partner, municipality) in seen:
        for grid, territory in (("", municipality), *territories.get(municipality, ())):
            if (grid, territory) not in counted:
                counted.add((grid, territory))
                cut_on = f"{cut}&grid={grid}".lstrip("&") if grid else cut
                add(Cell(MUNICIPALITY, partner, territory, NOWHERE, period, measure, cut_on))
    since, first = seen[0]
    if not _counted_elsewhere(period, since, arrivals):
        add(Cell(NATION, first.partner, NOWHERE, NOWHERE, period, measure, cut))


def _counted_elsewhere(period: str, since: str, arrivals: Sequence[str]) -> bool:
    """Whether the person came within the period, from a cell that counts them in the nation."""
    return any(starts_on(period) < day <= since for day in arrivals)


def schools_standing(
    open_schools: Iterable[tuple[str, str]], territories: Territories
) -> set[tuple[str, str, str, str]]:
    """Where one school counts as involved, of its (partner, municipality) pairs with pupils.

    Gives (level, partner, municipality or empty, cut); at municipality and nation once each.
    """
    found: set[tuple[str, str, str, str]] = set()
    counted: set[tuple[str, str]] = set()
    for order, (partner, municipality) in enumerate(sorted(open_schools)):
        found.add((PARTNER, partner, NOWHERE, ""))
        if order == 0:
            found.add((NATION, partner, NOWHERE, ""))
        for grid, territory in (("", municipality), *territories.get(municipality, ())):
            if (grid, territory) not in counted:
                counted.add((grid, territory))
                cut = f"grid={grid}" if grid else ""
                found.add((MUNICIPALITY, partner, territory, cut))
    return found
