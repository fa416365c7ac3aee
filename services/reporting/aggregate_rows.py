"""Rows of the counts of the municipal level, and how far facts were taken into account."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.domain import Cell, Level
from services.reporting.rows import among, insert_rows
from services.reporting.store import AGGREGATES, POSITIONS
from shared.contracts.base import Received
from shared.db import copy_rows

_NUMBER = text("""
    INSERT INTO count_number (one, number) VALUES (true, 1)
    ON CONFLICT (one) DO UPDATE SET number = count_number.number + 1 RETURNING number
""")
_ADD = text("""
    UPDATE aggregates AS known
    SET value = known.value + change.number, version = known.version + 1, count_no = :count_no
    FROM unnest(CAST(:keys AS text[]), CAST(:numbers AS bigint[])) AS change (key, number)
    WHERE known.aggregate_key = change.key
    RETURNING known.aggregate_key, known.value, known.version
""")
_COLUMNS = tuple(column.name for column in AGGREGATES.c)
_POSITIONS_FORWARD = """ON CONFLICT (topic, part) DO UPDATE
    SET position = greatest(positions.position, EXCLUDED.position)"""


class Counted(NamedTuple):
    """A count as it stands now."""

    cell: Cell
    value: int
    version: int


async def next_number(session: AsyncSession) -> int:
    """The number of this count; whoever has it is the only one who writes counts."""
    return int((await session.execute(_NUMBER)).scalar_one())


async def add(session: AsyncSession, changes: Mapping[Cell, int], number: int) -> list[Counted]:
    """Add to counts; gives them as they are now, in key order. Only who has the number does."""
    new = {cell.key: cell for cell, change in changes.items() if change}
    if not new:
        return []
    numbers = [changes[cell] for cell in new.values()]
    values = {"keys": list(new), "numbers": numbers, "count_no": number}
    found = await session.execute(_ADD, values)
    now = [Counted(new.pop(key), value, version) for key, value, version in found]
    rows = [(key, *cell, changes[cell], 1, number) for key, cell in sorted(new.items())]
    await copy_rows(session, "aggregates", _COLUMNS, rows)
    now += [Counted(cell, changes[cell], 1) for cell in new.values()]
    return sorted(now, key=lambda counted: counted.cell.key)


def reached(received: Iterable[Received[Any]]) -> dict[tuple[str, int], int]:
    """The next offset behind these facts by (topic, partition); they come in its order."""
    return {(r.topic, r.partition): r.offset + 1 for r in received}


async def keep_positions(
    session: AsyncSession, reached: Mapping[tuple[str, int], int]
) -> list[tuple[str, int, int]]:
    """Move positions forward; gives those of the topics concerned, sorted."""
    rows = [(topic, part, position) for (topic, part), position in sorted(reached.items())]
    await insert_rows(session, POSITIONS, rows, _POSITIONS_FORWARD)
    return await positions(session, {topic for topic, _ in reached})


async def positions(
    session: AsyncSession, topics: Iterable[str] | None = None
) -> list[tuple[str, int, int]]:
    """How far the facts of topics were taken into account: (topic, partition, next offset)."""
    asked = select(POSITIONS).order_by(POSITIONS.c.topic, POSITIONS.c.part)
    if topics is not None:
        asked = asked.where(POSITIONS.c.topic.in_(sorted(topics)))
    return [(row.topic, row.part, row.position) for row in await session.execute(asked)]


async def involved_cells(session: AsyncSession, schools: Iterable[str]) -> list[tuple[Cell, int]]:
    """Pupils involved, whole, of these schools in every period."""
    table = AGGREGATES.c
    return await cells_where(
        session,
        among(table.school_id, schools),
        table.level == Level.SCHOOL.value,
        table.measure == "pupils_involved",
        table.cut == "",
    )


async def schools_in(session: AsyncSession, municipalities: Iterable[str]) -> list[str]:
    """The schools that have a count while they lay in these municipalities."""
    asked = select(AGGREGATES.c.school_id).where(
        AGGREGATES.c.level == Level.SCHOOL.value,
        among(AGGREGATES.c.municipality_id, municipalities),
    )
    return list((await session.execute(asked.distinct())).scalars())


async def cells_where(
    session: AsyncSession, *conditions: ColumnElement[bool]
) -> list[tuple[Cell, int]]:
    """Counts that are not zero, by key."""
    asked = select(AGGREGATES).where(AGGREGATES.c.value != 0, *conditions)
    rows = (await session.execute(asked.order_by(AGGREGATES.c.aggregate_key))).mappings()
    return [(_cell(row), row["value"]) for row in rows]


async def cells_dict(session: AsyncSession, *conditions: ColumnElement[bool]) -> dict[Cell, int]:
    """Counts that are not zero, by cell."""
    return dict(await cells_where(session, *conditions))


def _cell(row: Mapping[Any, Any]) -> Cell:
    return Cell(*(row[name] for name in Cell._fields))


async def all_cells(session: AsyncSession) -> dict[Cell, int]:
    """Every count that is not zero."""
    return dict(await cells_where(session))
