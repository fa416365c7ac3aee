"""Rows of money that has to come back, or came."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.store import insert_rows
from services.payments.tables import RECOVERIES

_KNOWN = text(
    "SELECT recovery_id, about_key, state FROM recoveries WHERE recovery_id = ANY(:ids)"
).bindparams(bindparam("ids", type_=ARRAY(Text)))
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


class KnownRecovery(NamedTuple):
    """A recovery that is there: about whom, and whether it is due or booked."""

    about_key: str
    state: str


async def known(session: AsyncSession, recovery_ids: Iterable[str]) -> dict[str, KnownRecovery]:
    """Which of these recoveries are there."""
    rows = await session.execute(_KNOWN, {"ids": sorted(set(recovery_ids))})
    return {row[0]: KnownRecovery(row[1], row[2]) for row in rows}


async def book(session: AsyncSession, rows: Sequence[RecoveryRow]) -> None:
    """Write money that came back; what was due is booked by it."""
    await insert_rows(session, RECOVERIES, rows, _BOOK)


async def note_due(session: AsyncSession, rows: Sequence[RecoveryRow]) -> None:
    """Write what has to come back; told again it changes nothing."""
    await insert_rows(session, RECOVERIES, rows, "ON CONFLICT DO NOTHING")
