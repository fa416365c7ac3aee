"""The end of retention: names and papers of old calls are erased, and the proof is kept."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants import erasure_rows
from services.ngo_grants.calls import day_of
from services.ngo_grants.commands import ErasureOrder
from shared.auth import STATE, Person, Role
from shared.errors import Refused
from shared.parameters import value_on

RETENTION = "ngo_retention_years"


class StillKept(Refused):
    """The retention of these calls is not over."""

    code = "retention-not-over"


async def erase_old(
    session: AsyncSession, order: ErasureOrder, *, by: Person, now: datetime
) -> dict[str, int]:
    """Erase names and papers of calls decided until a year; returns how many of each."""
    by.must({Role.STATE_OFFICER}, STATE)
    years = int(await value_on(session, RETENTION, day_of(now)))
    last_year = day_of(now).year - years - 1
    if order.decided_until_year > last_year:
        raise StillKept(field="decided_until_year", last_year=last_year)
    counts = await erasure_rows.erase(session, year=order.decided_until_year, before=now)
    proof = {
        **counts,
        "decided_until_year": order.decided_until_year,
        "reason": order.reason,
        "erased_by": by.subject,
        "erased_at": now,
    }
    await erasure_rows.add(session, proof)
    return counts
