"""Which municipality a place belongs to on the map of 119, of 43 or of 42 municipalities. Pure.

Municipalities are named by registration number; a reform ends some and names their successors.
What happened later in a merged municipality cannot be divided again: on an older map it stays one
row, marked as undivided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.reporting.domain import ALL, months_of

GRIDS: Mapping[str, date] = {
    "119": date(2009, 7, 1),
    "43": date(2021, 7, 1),
    "42": date(2025, 7, 1),
}
"""The maps by how many municipalities they have, and since when each is in force (MK 379)."""
OLDEST = "119"


@dataclass(frozen=True)
class Municipality:
    """What the tables need of a register entry."""

    municipality_id: str
    name_lv: str
    name_en: str
    successor_id: str | None = None
    partner_since: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


Register = Mapping[str, Municipality]


def grid_on(day: date) -> str:
    """The map in force on a day."""
    return max((since, grid) for grid, since in GRIDS.items() if since <= max(day, FIRST_DAY))[1]


FIRST_DAY = GRIDS[OLDEST]


def grid_of_period(period: str) -> str:
    """The map in force on the last day of a period; the newest for all periods."""
    if period == ALL:
        return list(GRIDS)[-1]
    last = months_of(period)[1]
    return grid_on(date(int(last[:4]), int(last[5:7]), 28))


def territory_on(grid: str, municipality_id: str, register: Register) -> str:
    """The municipality that holds this one's territory on a map; itself where nothing changed."""
    since = GRIDS[grid]
    seen = {municipality_id}
    while True:
        entry = register.get(municipality_id)
        gone = entry is not None and entry.valid_to is not None and entry.valid_to < since
        if entry is None or not gone or entry.successor_id is None or entry.successor_id in seen:
            return municipality_id
        municipality_id = entry.successor_id
        seen.add(municipality_id)


def territories(register: Register) -> dict[str, list[tuple[str, str]]]:
    """By municipality the maps on which its people count for more than itself alone.

    A map is named only where a merger makes the territory differ from the municipality, and
    where it differs from the map before.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    known: Mapping[str, frozenset[str]] = {m: frozenset({m}) for m in register}
    for grid in list(GRIDS)[1:]:
        parts: dict[str, set[str]] = {}
        for municipality in register:
            parts.setdefault(territory_on(grid, municipality, register), set()).add(municipality)
        now = {m: frozenset(members) for members in parts.values() for m in members}
        for territory, members in parts.items():
            for municipality in members:
                if len(members) > 1 and now[municipality] != known[municipality]:
                    found.setdefault(municipality, []).append((grid, territory))
        known = now
    return found


def representing(
    grid: str, municipality_id: str, merged: Mapping[str, Sequence[tuple[str, str]]]
) -> tuple[str, str]:
    """The (map, territory) under which a municipality's people are counted on a map.

    The map is empty where the municipality stands for itself.
    """
    chosen = ("", municipality_id)
    order = list(GRIDS)
    for known, territory in merged.get(municipality_id, ()):
        if order.index(known) <= order.index(grid):
            chosen = (known, territory)
    return chosen


def in_force_on(grid: str, register: Register) -> list[str]:
    """The municipalities of a map, by id."""
    grids = list(GRIDS)
    since = GRIDS[grid]
    later = grids.index(grid) + 1
    until = GRIDS[grids[later]] if later < len(grids) else date.max
    return sorted(
        entry.municipality_id
        for entry in register.values()
        if (entry.valid_from or date.min) < until and (entry.valid_to or date.max) >= since
    )


def is_undivided(grid: str, period: str, municipality_id: str, register: Register) -> bool:
    """Whether a row of an older map holds all of a municipality that swallowed others since."""
    grids = list(GRIDS)
    if grids.index(grid) >= grids.index(grid_of_period(period)):
        return False
    since = GRIDS[grid]
    return any(
        entry.successor_id == municipality_id
        and entry.valid_to is not None
        and entry.valid_to >= since
        for entry in register.values()
    )
