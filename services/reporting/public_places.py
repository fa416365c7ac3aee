"""The places of the public tables: nation, municipalities on three maps, schools. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.reporting.domain import Cell, Level, pairs_of
from services.reporting.hierarchy import Municipality, territories

NATION = "nation"


@dataclass(frozen=True)
class SchoolEntry:
    """What the tables need of a school's register entry."""

    school_id: str
    name_lv: str
    name_en: str
    municipality_id: str
    partner: str
    status: str


@dataclass(frozen=True)
class Frame:
    """The registers as they were when an edition was made."""

    municipalities: Mapping[str, Municipality]
    schools: Mapping[str, SchoolEntry]

    @property
    def merged(self) -> dict[str, list[tuple[str, str]]]:
        """On which maps a municipality's people count for more than itself."""
        return territories(self.municipalities)


def municipality_node(municipality_id: str, grid: str = "") -> str:
    """The node of a municipality as it was, or of the territory on a map."""
    return f"municipality:{municipality_id}" + (f"@{grid}" if grid else "")


def school_node(school_id: str, municipality_id: str) -> str:
    """The node of a school while it lay in a municipality."""
    return f"school:{school_id}@{municipality_id}"


@dataclass
class Places:
    """The tree of places that something was counted for: a node and what contains it."""

    parents: dict[str, str] = field(default_factory=dict)

    @property
    def children(self) -> dict[str, list[str]]:
        """The parts of each node, sorted."""
        found: dict[str, list[str]] = {}
        for child, parent in sorted(self.parents.items()):
            found.setdefault(parent, []).append(child)
        return found


def places_of(cells: Iterable[Cell], merged: Mapping[str, Sequence[tuple[str, str]]]) -> Places:
    """The tree that holds every place of these cells."""
    places = Places()
    for cell in cells:
        if cell.level not in (Level.SCHOOL, Level.MUNICIPALITY, Level.PARTNER):
            continue
        if not cell.municipality_id or any(name == "grid" for name, _ in pairs_of(cell.cut)):
            continue
        chain = [
            municipality_node(cell.municipality_id),
            *(municipality_node(t, grid) for grid, t in merged.get(cell.municipality_id, ())),
            NATION,
        ]
        if cell.level == Level.SCHOOL:
            chain.insert(0, school_node(cell.school_id, cell.municipality_id))
        for child, parent in pairwise(chain):
            places.parents[child] = parent
    return places
