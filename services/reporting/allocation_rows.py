"""Rows of allocations: how each stands, as payments told last."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.allocation_rules import Standing
from services.reporting.rows import among, insert_rows, taking_over
from services.reporting.store import ALLOCATIONS

Key = tuple[str, str]
"""Partner and semester."""
_KEEP = taking_over(ALLOCATIONS)


async def standings_locked(session: AsyncSession, keys: Iterable[Key]) -> dict[Key, Standing]:
    """Allocations by key, perhaps more than asked, locked in order."""
    table = ALLOCATIONS.c
    asked = select(ALLOCATIONS).where(among(table.partner, (partner for partner, _ in keys)))
    rows = await session.execute(asked.order_by(table.partner, table.semester).with_for_update())
    return {(row.partner, row.semester): _standing(row) for row in rows}


async def all_standings(session: AsyncSession) -> list[Standing]:
    """How every allocation stands."""
    return [_standing(row) for row in await session.execute(select(ALLOCATIONS))]


async def keep(session: AsyncSession, standings: Iterable[Standing]) -> None:
    """Write how allocations stand now."""
    rows = [(*standing[:4], *standing.cents) for standing in sorted(standings)]
    await insert_rows(session, ALLOCATIONS, rows, _KEEP)


def _standing(row: Sequence[Any]) -> Standing:
    partner, semester, version, municipality, *cents = row
    return Standing(partner, semester, version, municipality, tuple(cents))
