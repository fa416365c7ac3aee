"""Rows of returned orders and what was decided about them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.evidence.domain import Piece
from services.payments.repairs.tables import REPAIRS
from services.payments.store import insert_rows

_QUEUE = text("""
    SELECT o.order_id, o.claim_id, o.project_id, o.plan_code, o.support_type, o.month, o.cents,
           o.payee_id, o.payee_kind, o.booked_on, o.reason_code
    FROM orders o
    WHERE o.partner = :partner AND o.state = 'returned' AND o.order_id > :after
        AND o.order_id IN (SELECT n.order_id FROM reports n
                           WHERE n.partner = :partner AND n.outcome <> 'settled')
        AND NOT EXISTS (SELECT 1 FROM repairs r WHERE r.order_id = o.order_id)
    ORDER BY o.order_id LIMIT :limit
""")
_DECIDED = text("SELECT order_id FROM repairs WHERE order_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_CLAIMS = text("""
    SELECT claim_id, state, digest, paper FROM claims WHERE claim_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_ACCEPT = text("""
    UPDATE claims c SET state = 'accepted', order_id = n.order_id
    FROM unnest(CAST(:claims AS text[]), CAST(:orders AS text[])) AS n (claim_id, order_id)
    WHERE c.claim_id = n.claim_id AND c.state = 'returned'
""")


class RepairRow(NamedTuple):
    """A decision as its row, in the order of the table's columns."""

    order_id: str
    partner: str
    decision: str
    reason: str
    decided_by: str
    new_order_id: str | None
    decided_at: datetime


class HeldClaim(NamedTuple):
    """The claim of a returned order: where it stands, and its evidence."""

    claim_id: str
    state: str
    piece: Piece | None


async def queue(session: AsyncSession, partner: str, *, after: str, limit: int) -> list[RowMapping]:
    """Returned orders of an office nobody decided about, by id."""
    values = {"partner": partner, "after": after, "limit": limit}
    return list((await session.execute(_QUEUE, values)).mappings())


async def decided(session: AsyncSession, order_ids: Iterable[str]) -> set[str]:
    """Which of these orders were decided about."""
    return set(await session.scalars(_DECIDED, {"ids": sorted(set(order_ids))}))


async def claims(session: AsyncSession, claim_ids: Iterable[str]) -> dict[str, HeldClaim]:
    """Claims by id."""
    rows = await session.execute(_CLAIMS, {"ids": sorted(set(claim_ids))})
    return {
        claim_id: HeldClaim(claim_id, state, None if digest is None else Piece(digest, paper))
        for claim_id, state, digest, paper in rows
    }


async def accept_again(session: AsyncSession, orders: Mapping[str, str]) -> None:
    """Let claims stand on new orders; raises IntegrityError where their evidence was paid."""
    names = sorted(orders)
    await session.execute(_ACCEPT, {"claims": names, "orders": [orders[name] for name in names]})


async def keep(session: AsyncSession, rows: Iterable[RepairRow]) -> None:
    """Write decisions."""
    await insert_rows(session, REPAIRS, sorted(rows))
