"""Rows of the national level: the latest version of every aggregate, and how far cells counted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.domain import NOWHERE, Cell, cut_of
from services.reporting.measures import MEASURES, How
from services.reporting.rows import insert_rows, within
from services.reporting.store import COUNTED_THROUGH, NATIONAL_CELLS
from shared.contracts.reporting import AggregateCounted, CountedThrough

_KEEP_KNOWN = text("""
    UPDATE national_cells AS known SET value = told.value, version = told.version
    FROM unnest(CAST(:keys AS text[]), CAST(:values AS bigint[]), CAST(:versions AS int[]))
        AS told (aggregate_key, value, version)
    WHERE known.aggregate_key = told.aggregate_key AND known.version < told.version
    RETURNING known.aggregate_key
""")
_KEEP_NEW = """ON CONFLICT (aggregate_key) DO UPDATE
    SET value = EXCLUDED.value, version = EXCLUDED.version
    WHERE national_cells.version < EXCLUDED.version"""
_KEEP_THROUGH = """ON CONFLICT (aggregate_key) DO UPDATE
    SET version = EXCLUDED.version, count_no = EXCLUDED.count_no, positions = EXCLUDED.positions
    WHERE counted_through.version < EXCLUDED.version"""
SUMS = tuple(code for code, measure in MEASURES.items() if measure.how is How.SUM)


def cell_of(fact: AggregateCounted) -> Cell:
    """The cell an aggregate is about."""
    return Cell(
        fact.level,
        fact.partner,
        fact.municipality_id or NOWHERE,
        fact.school_id or NOWHERE,
        fact.period,
        fact.measure,
        cut_of(**dict(fact.cut)),
    )


async def keep_cells(session: AsyncSession, facts: Iterable[AggregateCounted]) -> None:
    """Keep aggregates; of one key the highest version stays."""
    newest: dict[str, AggregateCounted] = {}
    for fact in facts:
        known = newest.get(fact.aggregate_key)
        if known is None or known.version < fact.version:
            newest[fact.aggregate_key] = fact
    values = {
        "keys": list(newest),
        "values": [fact.value for fact in newest.values()],
        "versions": [fact.version for fact in newest.values()],
    }
    for key in (await session.execute(_KEEP_KNOWN, values)).scalars():
        del newest[key]
    rows = [(key, *cell_of(fact), fact.value, fact.version) for key, fact in sorted(newest.items())]
    await insert_rows(session, NATIONAL_CELLS, rows, _KEEP_NEW)


async def keep_through(session: AsyncSession, facts: Iterable[CountedThrough]) -> None:
    """Keep how far the municipal level counted."""
    newest = {fact.aggregate_key: fact for fact in sorted(facts, key=lambda f: f.version)}
    rows = [
        (key, fact.cell, fact.version, fact.count_no, [list(p) for p in fact.positions])
        for key, fact in sorted(newest.items())
    ]
    await insert_rows(session, COUNTED_THROUGH, rows, _KEEP_THROUGH)


async def cells_of_period(session: AsyncSession, period: str) -> dict[Cell, int]:
    """What counts in a period: its distinct counts, and the sums of its months and semesters."""
    table = NATIONAL_CELLS.c
    adds_up = table.measure.in_(SUMS)
    here = or_(and_(table.period == period, ~adds_up), and_(adds_up, within(table.period, period)))
    return await cells_where(session, here)


async def cells_where(session: AsyncSession, *conditions: ColumnElement[bool]) -> dict[Cell, int]:
    """National cells that are not zero."""
    asked = select(NATIONAL_CELLS).where(NATIONAL_CELLS.c.value != 0, *conditions)
    rows = (await session.execute(asked.order_by(NATIONAL_CELLS.c.aggregate_key))).mappings()
    return {Cell(*(row[name] for name in Cell._fields)): row["value"] for row in rows}


async def counted_through(session: AsyncSession) -> list[Mapping[str, Any]]:
    """How far each cell of the municipal level counted, by its topics."""
    rows = await session.execute(select(COUNTED_THROUGH).order_by(COUNTED_THROUGH.c.aggregate_key))
    return [
        {"cell": row.cell, "count_no": row.count_no, "positions": row.positions} for row in rows
    ]


async def reached(session: AsyncSession) -> Sequence[tuple[str, int, int]]:
    """How far every topic behind the national cells was counted: the least over the cells."""
    found: dict[tuple[str, int], int] = {}
    for through in await counted_through(session):
        for topic, part, position in through["positions"]:
            known = found.get((topic, part))
            found[topic, part] = position if known is None else min(known, position)
    return [(topic, part, position) for (topic, part), position in sorted(found.items())]
