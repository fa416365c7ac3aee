"""The way out for a row the broker will never take: out of the outbox, with who and why.

The row and all later ones of its key go, so that nothing of the key overtakes it. Their numbers
stay unused, which consumers allow. For the relay that stops at a row (too large, no right).
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_BURY = text("""
    WITH first AS (SELECT id, topic, part_key FROM outbox WHERE id = :id),
    gone AS (
        DELETE FROM outbox USING first
        WHERE outbox.topic = first.topic AND outbox.part_key = first.part_key
          AND outbox.id >= first.id
        RETURNING outbox.*
    )
    INSERT INTO outbox_dead (id, event_id, topic, part_key, headers, payload, created_at,
                             buried_by, buried_why)
    SELECT id, event_id, topic, part_key, headers, payload, created_at, :by, :why FROM gone
    RETURNING id
""")


async def bury(session: AsyncSession, outbox_id: int, *, by: str, why: str) -> list[int]:
    """Take a row and all later ones of its key out of the outbox; gives their ids, in order.

    The relay must not be running: it may hold the row in its hands.
    """
    rows = await session.execute(_BURY, {"id": outbox_id, "by": by, "why": why})
    return sorted(rows.scalars())
