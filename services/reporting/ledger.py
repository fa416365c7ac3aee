"""Collects how counts change while a batch of facts is applied, and tells it once at its end.

The lock on the count's number makes one transaction at a time write counts, so that the facts
about one key leave in the order of its versions.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import aggregate_rows, territory_rows
from services.reporting.aggregate_rows import Counted
from services.reporting.domain import Cell, Level, pairs_of
from services.reporting.membership import Changes, Territories, schools_standing
from shared.bus.outbox import publish
from shared.contracts.base import Fact, Received
from shared.contracts.reporting import AggregateCounted, CountedThrough

LevelName = Literal["school", "partner", "municipality", "nation"]
LEDGER = "reporting.ledger"
SCHOOLS_INVOLVED = "schools_involved"


def changes_of(session: AsyncSession) -> Changes:
    """How counts change in this transaction so far; told by `tell_counts` at its end."""
    changes: Changes = session.info.setdefault(LEDGER, Changes())
    return changes


async def tell_counts(session: AsyncSession, received: Sequence[Received[Any]]) -> None:
    """The end of a batch: write the changed counts, tell them, and how far facts were counted."""
    merged = await territory_rows.counted_with(session)
    number = await aggregate_rows.next_number(session)
    changes = changes_of(session).spread(merged)
    session.info.pop(LEDGER)
    counted = await aggregate_rows.add(session, changes, number)
    counted += await _schools(session, counted, changes, number)
    at = max(r.at for r in received)
    facts: list[Fact] = [_told(c, number) for c in counted]
    facts += await _counted_through(session, received, number)
    await publish(session, facts, at=at, because=[None] * len(facts))


async def tell_exactly(session: AsyncSession, changes: Mapping[Cell, int], *, at: datetime) -> int:
    """Write and tell these changes and nothing that follows; gives how many counts changed."""
    number = await aggregate_rows.next_number(session)
    counted = await aggregate_rows.add(session, changes, number)
    await publish(session, [_told(c, number) for c in counted], at=at)
    return len(counted)


async def tell_noted(session: AsyncSession, *, at: datetime) -> None:
    """Write and tell what was noted outside of a batch, if anything."""
    changes = changes_of(session).spread(await territory_rows.counted_with(session))
    session.info.pop(LEDGER)
    if changes:
        await tell_exactly(session, changes, at=at)


def _told(counted: Counted, number: int) -> AggregateCounted:
    """A count as a fact."""
    cell = counted.cell
    return AggregateCounted.model_construct(
        aggregate_key=cell.key,
        partner=cell.partner,
        municipality_id=cell.municipality_id or None,
        school_id=cell.school_id or None,
        level=cast(LevelName, cell.level),
        period=cell.period,
        measure=cell.measure,
        cut=pairs_of(cell.cut),
        value=counted.value,
        version=counted.version,
        count_no=number,
    )


async def _schools(
    session: AsyncSession, counted: Sequence[Counted], changes: Mapping[Cell, int], number: int
) -> list[Counted]:
    """Count schools that got their first involved pupil of a period, or lost the last."""
    turned = {
        c.cell: c.value - changes[c.cell]
        for c in counted
        if c.cell.level == Level.SCHOOL
        and c.cell.measure == "pupils_involved"
        and not c.cell.cut
        and bool(c.value) != bool(c.value - changes[c.cell])
    }
    if not turned:
        return []
    merged = await territory_rows.counted_with(session)
    now = dict(await aggregate_rows.involved_cells(session, {c.school_id for c in turned}))
    then = {**now, **turned}
    delta: Counter[Cell] = Counter()
    for values, sign in ((now, 1), (then, -1)):
        for cell in school_cells(values, merged):
            delta[cell] += sign
    return await aggregate_rows.add(session, delta, number)


def school_cells(values: Mapping[Cell, int], merged: Territories) -> list[Cell]:
    """The cells that schools with involved pupils stand in, one for each school and cell."""
    open_in: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for cell, value in values.items():
        if value > 0:
            open_in[cell.school_id, cell.period].add((cell.partner, cell.municipality_id))
    return [
        Cell(level, partner, municipality, "", period, SCHOOLS_INVOLVED, cut)
        for (_, period), places in open_in.items()
        for level, partner, municipality, cut in schools_standing(places, merged)
    ]


async def _counted_through(
    session: AsyncSession, received: Sequence[Received[Any]], number: int
) -> list[CountedThrough]:
    """Move the positions of the batch's topics forward and say so, one fact a topic."""
    reached = aggregate_rows.reached(received)
    positions = await aggregate_rows.keep_positions(session, reached)
    cell = session.info["settings"].cell
    return [
        CountedThrough(
            aggregate_key=f"counted-through:{cell}:{topic}",
            cell=cell,
            count_no=number,
            positions=tuple(p for p in positions if p[0] == topic),
            version=number,
        )
        for topic in sorted({topic for topic, _ in reached})
    ]
