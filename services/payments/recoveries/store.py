"""Rows of money that has to come back, or came."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.store import insert_rows
from services.payments.tables import RECOVERIES

_IS_BOOKED = text("SELECT 1 FROM recoveries WHERE recovery_id = :id AND state = 'booked'")
_BOOK = """ON CONFLICT (recovery_id) DO UPDATE SET state = EXCLUDED.state,
    order_id = EXCLUDED.order_id, cents = EXCLUDED.cents, booked_on = EXCLUDED.booked_on"""


class RecoveryRow(NamedTuple):
    """A recovery as its row, in the order of the table's columns."""

    recovery_id: str
    partner: str
    about_key: str
    reason_code: str
    state: str
    order_id: str | None
    cents: int
    booked_on: date | None
    entered_at: datetime


async def is_booked(session: AsyncSession, recovery_id: str) -> bool:
    """Whether a recovery with this id is booked."""
    return (await session.execute(_IS_BOOKED, {"id": recovery_id})).first() is not None


async def book(session: AsyncSession, row: RecoveryRow) -> None:
    """Write money that came back; one that was due is booked by it."""
    await insert_rows(session, RECOVERIES, [row], _BOOK)


async def note_due(session: AsyncSession, rows: Sequence[RecoveryRow]) -> None:
    """Write what has to come back; told again it changes nothing."""
    await insert_rows(session, RECOVERIES, rows, "ON CONFLICT DO NOTHING")
