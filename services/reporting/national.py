"""The national level hears aggregates, and nothing else of what happens."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import aggregate_rows, national_rows
from shared.contracts.base import Received
from shared.contracts.reporting import AggregateCounted, CountedThrough


async def keep_aggregates(
    session: AsyncSession, received: Sequence[Received[AggregateCounted]]
) -> None:
    """Keep the latest version of each count."""
    await national_rows.keep_cells(session, (r.fact for r in received))


async def keep_counted_through(
    session: AsyncSession, received: Sequence[Received[CountedThrough]]
) -> None:
    """Keep how far facts were taken into account."""
    await national_rows.keep_through(session, (r.fact for r in received))


async def keep_positions(session: AsyncSession, received: Sequence[Received[Any]]) -> None:
    """The end of a batch: remember how far the aggregates' topic was read."""
    await aggregate_rows.keep_positions(session, aggregate_rows.reached(received))
