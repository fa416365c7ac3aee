"""Which rows and cells of an edition open contradictions hold back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import declared_values
from services.reporting.contradictions_rules import PROJECT_END, STATE_PLACE, Blocks, Subject
from services.reporting.domain import Cell
from services.reporting.public_columns import COLUMNS
from services.reporting.public_places import (
    NATION,
    Frame,
    Places,
    municipality_node,
    places_of,
    school_node,
)

INDICATOR_OF = {"target_institutions": "institutions_involved"}


@dataclass
class Held:
    """What is held back: whole rows, single cells, indicators; and because of what."""

    nodes: set[str] = field(default_factory=set)
    cells: set[tuple[str, str]] = field(default_factory=set)
    indicators: set[str] = field(default_factory=set)
    contradictions: list[str] = field(default_factory=list)


async def held_back(
    session: AsyncSession, period: str, cells: Mapping[Cell, int], frame: Frame
) -> Held:
    """What open contradictions hold back of an edition of this period."""
    held = Held()
    places = places_of(cells, frame.merged)
    for contradiction in await declared_values.open_for(session, period):
        subject = contradiction.subject
        held.contradictions.append(subject.id)
        nodes = nodes_of(subject, places, frame)
        if subject.measure in INDICATOR_OF:
            held.indicators.add(INDICATOR_OF[subject.measure])
        elif subject.measure == PROJECT_END:
            held.nodes |= {NATION, *places.parents}
        elif subject.blocks is Blocks.BLOCK:
            held.nodes |= nodes
        else:
            held.cells |= {(node, column) for node in nodes for column in columns_of(subject)}
    return held


def columns_of(subject: Subject) -> list[str]:
    """The columns that show a measure and cut."""
    return [
        code
        for code, column in COLUMNS.items()
        if column.measure == subject.measure and column.cut == subject.cut
    ]


def nodes_of(subject: Subject, places: Places, frame: Frame) -> set[str]:
    """The rows that contain the subject's place, on every map."""
    if STATE_PLACE in (subject.level, subject.place) or subject.level == "nation":
        return {NATION}
    found: set[str] = {NATION}
    waiting = list(_own_nodes(subject, places, frame))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [parent for parent in (places.parents.get(node),) if parent]
            waiting += _chain(node, frame)
    return found


def _own_nodes(subject: Subject, places: Places, frame: Frame) -> set[str]:
    """The rows of the place itself."""
    if subject.level == "municipality" or subject.place in frame.municipalities:
        return {municipality_node(subject.place)}
    of = {
        school.school_id
        for school in frame.schools.values()
        if subject.place in (school.school_id, school.partner)
    }
    nodes = {n for n in places.parents if n.startswith("school:") and n[7:].split("@")[0] in of}
    nodes |= {school_node(s, frame.schools[s].municipality_id) for s in of}
    return nodes


def _chain(node: str, frame: Frame) -> list[str]:
    """What contains a row also where nothing was counted for it."""
    if node.startswith("school:"):
        return [municipality_node(node.rpartition("@")[2])]
    if node.startswith("municipality:") and "@" not in node:
        municipality = node.removeprefix("municipality:")
        return [municipality_node(t, grid) for grid, t in frame.merged.get(municipality, ())]
    return []
