"""The numbers of the public tables before anything is hidden, from the cells of a period. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.reporting.domain import Cell, Level, pairs_of
from services.reporting.measures import MEASURES, How
from services.reporting.public_columns import COLUMNS
from services.reporting.public_places import (
    NATION,
    Frame,
    Places,
    municipality_node,
    places_of,
    school_node,
)

Numbers = dict[tuple[str, str], int]
"""By node and column."""
_COLUMN_OF = {(column.measure, column.cut): code for code, column in COLUMNS.items()}


def numbers_of(cells: Mapping[Cell, int], frame: Frame) -> tuple[Places, Numbers]:
    """The tree of places and the number of each (node, column) that is not zero.

    `cells` are the distinct counts of the period and the sums of its months and semesters.
    """
    merged = frame.merged
    places = places_of(cells, merged)
    numbers: Numbers = defaultdict(int)
    for cell, value in cells.items():
        pairs = pairs_of(cell.cut)
        grid = dict(pairs).get("grid", "")
        cut = "&".join(f"{name}={code}" for name, code in pairs if name != "grid")
        column = _COLUMN_OF.get((cell.measure, cut))
        if column is None or not value:
            continue
        for node in _nodes_of(cell, grid, merged):
            numbers[node, column] += value
    return places, {name: value for name, value in numbers.items() if value}


def _nodes_of(cell: Cell, grid: str, merged: Mapping[str, Sequence[tuple[str, str]]]) -> list[str]:
    """The nodes a cell adds to: a distinct count to its own, a sum to all that contain it."""
    if MEASURES[cell.measure].how is How.SUM:
        nodes = [
            municipality_node(cell.municipality_id),
            *(municipality_node(t, on) for on, t in merged.get(cell.municipality_id, ())),
            NATION,
        ]
        if cell.level == Level.SCHOOL:
            nodes.append(school_node(cell.school_id, cell.municipality_id))
        return nodes
    if cell.level == Level.SCHOOL:
        return [school_node(cell.school_id, cell.municipality_id)]
    if cell.level == Level.MUNICIPALITY:
        return [municipality_node(cell.municipality_id, grid)]
    return [NATION] if cell.level == Level.NATION else []
