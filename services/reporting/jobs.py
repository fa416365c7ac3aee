"""What reporting does by itself: counts follow the maps also where nothing happens."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting import ledger, mapping
from shared.jobs import Job

MAPS_SECONDS = 300


async def keep_maps(session: AsyncSession, now: datetime) -> None:
    """Count again where the register merged municipalities since."""
    await mapping.keep_maps(session)
    await ledger.tell_noted(session, at=now)


MUNICIPAL = (Job("keep-maps", MAPS_SECONDS, keep_maps),)
