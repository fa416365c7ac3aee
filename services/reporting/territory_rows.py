"""Rows of the maps: which register the counts assume, and what the register says now."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.hierarchy import Municipality
from services.reporting.membership import Territories
from services.reporting.rows import insert_rows, taking_over
from services.reporting.store import TERRITORIES
from shared import registers

KNOWN = "reporting.territories"
_STATE = text("""
    SELECT count(*) || ':' || coalesce(sum(version), 0) FROM register_municipalities
""")
_KEEP = taking_over(TERRITORIES)


async def register_state(session: AsyncSession) -> str:
    """What tells whether the register of municipalities is another one now."""
    return str((await session.execute(_STATE)).scalar_one())


async def assumed(session: AsyncSession, *, locked: bool = False) -> tuple[str, Territories]:
    """The state of the register that counts assume, and the maps that followed from it."""
    asked = select(TERRITORIES.c.register, TERRITORIES.c.merged)
    row = (await session.execute(asked.with_for_update() if locked else asked)).one_or_none()
    return ("", {}) if row is None else (row.register, row.merged)


async def keep(session: AsyncSession, state: str, merged: Territories) -> None:
    """From now on counts assume these maps."""
    kept: Sequence[Any] = (True, state, {name: list(on) for name, on in merged.items()})
    await insert_rows(session, TERRITORIES, [kept], _KEEP)
    session.info[KNOWN] = merged


async def counted_with(session: AsyncSession) -> Territories:
    """The maps that counts assume; read once a transaction."""
    if KNOWN not in session.info:
        session.info[KNOWN] = (await assumed(session))[1]
    known: Territories = session.info[KNOWN]
    return known


async def register(session: AsyncSession) -> dict[str, Municipality]:
    """The register of municipalities as the rules want it."""
    return {
        entry.municipality_id: Municipality(
            entry.municipality_id,
            entry.name_lv,
            entry.name_en,
            entry.successor_id,
            entry.partner_since,
            entry.valid_from,
            entry.valid_to,
        )
        for entry in (await registers.municipalities(session)).values()
    }
