"""Rows of money asked back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.recoveries.tables import DEMANDS
from services.payments.store import insert_rows

_OF_ORDERS = text("""
    SELECT * FROM demands WHERE order_id = ANY(:ids) ORDER BY demand_id FOR UPDATE
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_TAKEN = text("SELECT demand_id FROM demands WHERE demand_id = ANY(:ids)").bindparams(
    bindparam("ids", type_=ARRAY(Text))
)
_RECOVERED = text("""
    UPDATE demands d SET recovered_cents = d.recovered_cents + n.cents,
        state = CASE WHEN d.recovered_cents + n.cents = d.cents THEN 'booked' ELSE d.state END
    FROM unnest(CAST(:ids AS text[]), CAST(:cents AS bigint[])) AS n (demand_id, cents)
    WHERE d.demand_id = n.demand_id
""")
_WRITTEN = text("""
    UPDATE demands SET state = 'letter', letter_by = :by, letter_at = :at
    WHERE demand_id = :id AND state = 'due'
""")


class DemandRow(NamedTuple):
    """Money asked back as its row, in the order of the table's columns; sums are cents."""

    demand_id: str
    partner: str
    order_id: str
    about_key: str
    state: str
    reason_code: str
    reason: str
    entered_by: str
    cents: int
    recovered_cents: int
    pay_until: date
    entered_at: datetime
    letter_by: str | None = None
    letter_at: datetime | None = None

    @property
    def open_cents(self) -> int:
        """What has not come back yet."""
        return self.cents - self.recovered_cents


async def of_orders_locked(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, DemandRow]:
    """What is asked back of these orders, held until the transaction ends."""
    rows = await session.execute(_OF_ORDERS, {"ids": sorted(set(order_ids))})
    return {row["demand_id"]: DemandRow(**row) for row in rows.mappings()}


async def taken(session: AsyncSession, demand_ids: Iterable[str]) -> set[str]:
    """Which of these ids are used."""
    return set(await session.scalars(_TAKEN, {"ids": sorted(set(demand_ids))}))


async def insert(session: AsyncSession, rows: Iterable[DemandRow]) -> None:
    """Write new demands."""
    await insert_rows(session, DEMANDS, sorted(rows))


async def add_recovered(session: AsyncSession, cents: Mapping[str, int]) -> None:
    """Add what came back; a demand that came back whole is booked."""
    names = sorted(cents)
    if names:
        values = {"ids": names, "cents": [cents[name] for name in names]}
        await session.execute(_RECOVERED, values)


async def demand(session: AsyncSession, partner: str, demand_id: str) -> DemandRow | None:
    """One demand of an office."""
    asked = select(DEMANDS).where(DEMANDS.c.demand_id == demand_id, DEMANDS.c.partner == partner)
    row = (await session.execute(asked)).mappings().first()
    return None if row is None else DemandRow(**row)


async def demands_of(
    session: AsyncSession, partner: str, *, after: str, limit: int
) -> list[DemandRow]:
    """A page of an office's demands by id, after an id."""
    asked = (
        select(DEMANDS)
        .where(DEMANDS.c.partner == partner, DEMANDS.c.demand_id > after)
        .order_by(DEMANDS.c.demand_id)
        .limit(limit)
    )
    return [DemandRow(**row) for row in (await session.execute(asked)).mappings()]


async def letter_written(session: AsyncSession, demand_id: str, *, by: str, at: datetime) -> None:
    """Note that the letter of a demand was written, the first time."""
    await session.execute(_WRITTEN, {"id": demand_id, "by": by, "at": at})
