"""Rows of batches of government platforms."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.govstack.tables import GOVSTACK_BATCHES

_STATES = text("""
    SELECT state, count(*), sum(cents)::bigint FROM orders WHERE order_id IN (
        SELECT unnest(order_ids) FROM govstack_batches WHERE batch_id = :batch_id)
    GROUP BY state
""")


class Batch(NamedTuple):
    """A batch as its row, in the order of the table's columns."""

    batch_id: str
    source_bb_id: str
    request_id: str
    partner: str
    handed_over_by: str
    order_ids: Sequence[str]
    handed_over_at: datetime


async def insert_batch(session: AsyncSession, batch: Batch) -> bool:
    """Write a batch; False where its id was used before."""
    added = insert(GOVSTACK_BATCHES).values(batch._asdict()).on_conflict_do_nothing()
    done = await session.execute(added.returning(GOVSTACK_BATCHES.c.batch_id))
    return done.first() is not None


async def batch(session: AsyncSession, batch_id: str) -> Batch | None:
    """A batch."""
    asked = select(GOVSTACK_BATCHES).where(GOVSTACK_BATCHES.c.batch_id == batch_id)
    row = (await session.execute(asked)).first()
    return None if row is None else Batch(*row)


async def states(session: AsyncSession, batch_id: str) -> dict[str, tuple[int, int]]:
    """Orders of a batch and their cents, by state."""
    rows = await session.execute(_STATES, {"batch_id": batch_id})
    return {row[0]: (row[1], row[2]) for row in rows}
