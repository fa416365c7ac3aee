"""Which counts one person stands in, and how that changes when their evidence does. Pure.

A person stands once in every cell, however much evidence there is: a pedagogue of two schools is
one person of the municipality. At `municipality` and `nation` the person stands in the part of
the partner where they were first, so that parts can be added up.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


class _Seen(NamedTuple):
    """A facet seen at a place, from a day on; sorts by day, then place."""

    since: str
    place: Place


def standing(
    evidence: Evidence, territories: Territories, only: Touched | None = None
) -> set[Cell]:
    """All cells the person stands in; with `only`, of these facets."""
    cells: set[Cell] = set()
    for (period, facet), seen in _by_period(evidence.items.values(), only).items():
        _stand(cells, period, facet, seen, evidence.arrivals, territories)
    return cells


def change(before: Evidence, after: Evidence, territories: Territories) -> Counter[Cell]:
    """Plus one for every cell the person newly stands in, minus one for every cell left."""
    only = touched(before, after)
    delta: Counter[Cell] = Counter()
    if only:
        delta.update(standing(after, territories, only))
        delta.subtract(standing(before, territories, only))
    return Counter({cell: number for cell, number in delta.items() if number})


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


def _by_period(items: Iterable[Item], only: Touched | None) -> dict[tuple[str, str], list[_Seen]]:
    """Where each facet was seen in each period."""
    found: dict[tuple[str, str], list[_Seen]] = {}
    for place, semester, facets, months in items:
        for facet, since in facets.items():
            if only is None or facet in only:
                seen = _Seen(since, place)
                for period in (semester, semester[:4], ALL):
                    found.setdefault((period, facet), []).append(seen)
        for name, since in months.items():
            if only is None or name in only:
                month, facet = name
                found.setdefault((month_period(month), facet), []).append(_Seen(since, place))
    return found


def _stand(
    cells: set[Cell],
    period: str,
    facet: str,
    seen: list[_Seen],
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
    first = seen[0]
    if not _counted_elsewhere(period, first.since, arrivals):
        add(Cell(NATION, first.place.partner, NOWHERE, NOWHERE, period, measure, cut))


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
