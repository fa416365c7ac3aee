"""Rows of orders as an approval looks at them and leaves them."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.rows import one_text

_LOCKED = text("""
    SELECT order_id, state, partner, payee_id, entered_by, cents, evidence
    FROM orders WHERE order_id = ANY(string_to_array(:ids, ' ')) ORDER BY order_id FOR UPDATE
""")
_APPROVE = text("""
    UPDATE orders SET state = 'approved', version = version + 1, approved_by = :by,
        approved_at = :at
    WHERE order_id = ANY(string_to_array(:ids, ' '))
""")


class ToApprove(NamedTuple):
    """What an approval looks at of an order."""

    order_id: str
    state: str
    partner: str
    payee_id: str
    entered_by: str
    cents: int
    evidence: str | None


async def to_approve(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, ToApprove]:
    """What an approval looks at, by order, held until the transaction ends."""
    rows = await session.execute(_LOCKED, {"ids": one_text(sorted(set(order_ids)))})
    return {row[0]: ToApprove._make(row) for row in rows}


async def approve(
    session: AsyncSession, order_ids: Iterable[str], *, by: str, at: datetime
) -> None:
    """Set orders approved."""
    await session.execute(_APPROVE, {"ids": one_text(sorted(order_ids)), "by": by, "at": at})
