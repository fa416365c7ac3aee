"""How allocations stand, told to who shows it: reporting counts it, nobody asks payments for it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.allocations import store as allocation_rows
from shared.bus.outbox import publish
from shared.contracts.allocations import AllocationStood


async def tell_standing(session: AsyncSession, *, now: datetime) -> int:
    """Tell how every allocation stands at this moment; gives how many there are."""
    rows = await allocation_rows.standing_of_all(session)
    places = await allocation_rows.municipalities_of(session, (row["partner"] for row in rows))
    facts = [
        AllocationStood(
            **row,
            about_key=f"{row['partner']}/{row['semester']}",
            municipality_id=places[row["partner"]],
            version=int(now.timestamp()),
        )
        for row in rows
    ]
    await publish(session, facts, at=now)
    return len(facts)
