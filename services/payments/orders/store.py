"""Rows of payment orders: writing, locking, moving, listing; and the facts told of them."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, RowMapping, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from services.payments.domain import NOT_IN_A_FILE, OPEN_STATES, OrderState
from services.payments.orders.reported_rows import ReportedOrder
from services.payments.store import insert_rows
from services.payments.tables import BANK_FILES, ORDERS, REPORTS
from shared.contracts.payments import OrderFact
from shared.db import copy_rows
from shared.rows import one_text

F = TypeVar("F", bound=OrderFact)


class OrderRow(NamedTuple):
    """An order as its row, in the order of the table's columns; sums are cents."""

    order_id: str
    version: int
    state: str
    about_key: str
    partner: str
    municipality_id: str
    support_type: str
    month: str
    claim_id: str | None
    plan_id: str | None
    plan_version: int | None
    plan_code: str | None
    measure_id: str | None
    pupil_ref: str | None
    school_id: str | None
    semester: str | None
    project_id: str | None
    instalment_no: int | None
    service_date: date
    cents: int
    esf_cents: int
    state_cents: int
    payee_id: str
    payee_kind: str
    entered_by: str
    ordered_at: datetime
    evidence: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    file_id: str | None = None
    booked_on: date | None = None
    reason_code: str | None = None
    recovered_cents: int = 0
    cancelled_by: str | None = None
    cancelled_on: date | None = None
    payee_version: int | None = None


class Move(NamedTuple):
    """Where an order goes: its new state, booking day and reason, in so many steps."""

    state: OrderState
    booked_on: date
    reason_code: str | None
    steps: int


_WRITTEN_AT_FIRST = OrderRow._fields.index("approved_by")
_COLUMNS = [ORDERS.c[name] for name in OrderRow._fields]
_LOCK_SUBJECTS = text("""
    SELECT about_key FROM beneficiaries
    WHERE about_key IN (
        SELECT about_key FROM orders WHERE order_id = ANY(string_to_array(:ids, ' '))
    )
    ORDER BY about_key FOR UPDATE
""")
_LOCK = text("""
    SELECT 1 FROM orders WHERE order_id = ANY(string_to_array(:ids, ' '))
    ORDER BY order_id FOR UPDATE
""")
_EVIDENCE_IS_FIRST = text("""
    UPDATE orders SET evidence = 'first' WHERE order_id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(Text)))
_CANCEL = text("""
    UPDATE orders o SET state = 'cancelled', version = o.version + 1, reason_code = n.reason_code,
        cancelled_by = n.by, cancelled_on = n.day, evidence = n.evidence
    FROM unnest(CAST(:ids AS text[]), CAST(:reasons AS text[]), CAST(:by AS text[]),
                CAST(:days AS date[]), CAST(:evidence AS text[]))
         AS n (order_id, reason_code, by, day, evidence)
    WHERE o.order_id = n.order_id
""")
_MOVE = text("""
    UPDATE orders o SET state = n.state, version = o.version + n.steps, booked_on = n.booked_on,
        reason_code = n.reason_code
    FROM unnest(CAST(:ids AS text[]), CAST(:states AS text[]), CAST(:days AS date[]),
                CAST(:reasons AS text[]), CAST(:steps AS integer[]))
         AS n (ids, state, booked_on, reason_code, steps),
         unnest(string_to_array(n.ids, ' ')) AS moved (order_id)
    WHERE o.order_id = moved.order_id
""")
_RECOVER = text("""
    UPDATE orders o SET version = o.version + 1, recovered_cents = o.recovered_cents + n.cents
    FROM unnest(CAST(:ids AS text[]), CAST(:cents AS bigint[])) AS n (order_id, cents)
    WHERE o.order_id = n.order_id
""")
_OPEN = text("""
    SELECT state, count(*), sum(cents)::bigint FROM orders WHERE state = ANY(:states)
    GROUP BY state
""").bindparams(bindparam("states", type_=ARRAY(Text)))


def new_ids(count: int, now: datetime) -> list[str]:
    """Ids of 32 hexadecimal digits that grow with time; short enough for an end-to-end id."""
    stamp = f"{int(now.astimezone(UTC).timestamp() * 1000):012x}"
    chance = os.urandom(10 * count).hex()
    return [stamp + chance[20 * i : 20 * i + 20] for i in range(count)]


async def open_orders(session: AsyncSession) -> dict[str, tuple[int, int]]:
    """How many orders are open in each state, and their cents."""
    rows = await session.execute(_OPEN, {"states": [state.value for state in OPEN_STATES]})
    return {row[0]: (row[1], row[2]) for row in rows}


async def copy_orders(session: AsyncSession, orders: Sequence[OrderRow]) -> None:
    """Write new draft orders of claims, in bulk."""
    rows = [order[:_WRITTEN_AT_FIRST] for order in orders]
    await copy_rows(session, ORDERS.name, OrderRow._fields[:_WRITTEN_AT_FIRST], rows)


async def insert_orders(session: AsyncSession, orders: Sequence[OrderRow]) -> set[str]:
    """Write new orders; returns the ids of those that were new (an instalment comes once)."""
    done = await insert_rows(session, ORDERS, orders, "ON CONFLICT DO NOTHING RETURNING order_id")
    return set(done)


async def lock_subjects(session: AsyncSession, order_ids: Iterable[str]) -> None:
    """Take the rows of the pupils and projects these orders are about, in key order."""
    await session.execute(_LOCK_SUBJECTS, {"ids": one_text(sorted(set(order_ids)))})


async def orders_locked(session: AsyncSession, order_ids: Iterable[str]) -> dict[str, OrderRow]:
    """Orders by id, held until the transaction ends."""
    asked = (
        select(*_COLUMNS)
        .where(ORDERS.c.order_id == func.string_to_array(bindparam("ids"), " ").any_())
        .order_by(ORDERS.c.order_id)
        .with_for_update()
    )
    rows = await session.execute(asked, {"ids": one_text(sorted(set(order_ids)))})
    return {row[0]: OrderRow._make(row) for row in rows}


async def order(session: AsyncSession, order_id: str) -> OrderRow | None:
    """One order."""
    row = (await session.execute(select(*_COLUMNS).where(ORDERS.c.order_id == order_id))).first()
    return None if row is None else OrderRow(*row)


async def orders_of(
    session: AsyncSession, partner: str, *, state: str | None, after: str, limit: int
) -> list[OrderRow]:
    """A page of a partner's orders by id, after an id."""
    asked = (
        select(*_COLUMNS)
        .where(ORDERS.c.partner == partner, ORDERS.c.order_id > after)
        .order_by(ORDERS.c.order_id)
        .limit(limit)
    )
    if state is not None:
        asked = asked.where(ORDERS.c.state == state, *_narrowed(partner, state))
    return [OrderRow(*row) for row in await session.execute(asked)]


def _narrowed(partner: str, state: str) -> list[ColumnElement[bool]]:
    """What else is true of orders in this state, and found by an index.

    No index holds the state, so that moving an order writes none anew.
    """
    if state in NOT_IN_A_FILE:
        return [ORDERS.c.file_id.is_(None)]
    if state in (OrderState.RETURNED, OrderState.UNKNOWN):
        said = select(REPORTS.c.order_id).where(
            REPORTS.c.partner == partner, REPORTS.c.outcome != text("'settled'")
        )
        return [ORDERS.c.order_id.in_(said)]
    return []


class IssuedOrders(NamedTuple):
    """Which orders of an office are asked for; all that were issued to it, or some of them."""

    partner: str
    state: str | None = None
    file_id: str | None = None
    since: datetime | None = None


async def issued_orders(
    session: AsyncSession, wanted: IssuedOrders, *, after: str, limit: int
) -> list[RowMapping]:
    """A page of the orders in files of an office by id, after an id."""
    told = ("partner", "order_id", "version", "file_id", "cents", "support_type", "state")
    asked = (
        select(*(ORDERS.c[name] for name in told))
        .join(BANK_FILES, BANK_FILES.c.file_id == ORDERS.c.file_id)
        .where(ORDERS.c.partner == wanted.partner, ORDERS.c.order_id > after)
        .order_by(ORDERS.c.order_id)
        .limit(limit)
    )
    if wanted.state is not None:
        asked = asked.where(
            ORDERS.c.state == wanted.state, *_narrowed(wanted.partner, wanted.state)
        )
    if wanted.file_id is not None:
        asked = asked.where(ORDERS.c.file_id == wanted.file_id)
    if wanted.since is not None:
        asked = asked.where(BANK_FILES.c.issued_at >= wanted.since)
    return list((await session.execute(asked)).mappings())


async def move(
    session: AsyncSession,
    moves: Mapping[str, Move],
) -> None:
    """Move orders, by their ids; those that go the same way travel to the server as one text."""
    together: dict[Move, list[str]] = {}
    for order_id, way in moves.items():
        together.setdefault(way, []).append(order_id)
    if together:
        states, days, reasons, steps = (list(column) for column in zip(*together, strict=True))
        ids = [one_text(order_ids) for order_ids in together.values()]
        await session.execute(
            _MOVE,
            {"ids": ids, "states": states, "days": days, "reasons": reasons, "steps": steps},
        )


async def lock(session: AsyncSession, order_ids: Iterable[str]) -> None:
    """Hold orders until the transaction ends, in key order."""
    await session.execute(_LOCK, {"ids": one_text(sorted(set(order_ids)))})


async def evidence_is_first(session: AsyncSession, order_ids: Iterable[str]) -> None:
    """The evidence of these orders, as far as they are here, was claimed by nobody before."""
    await session.execute(_EVIDENCE_IS_FIRST, {"ids": sorted(set(order_ids))})


async def cancel(session: AsyncSession, orders: Sequence[OrderRow]) -> None:
    """Write orders that were cancelled: by whom, why, and what is known of their evidence."""
    await session.execute(
        _CANCEL,
        {
            "ids": [order.order_id for order in orders],
            "reasons": [order.reason_code for order in orders],
            "by": [order.cancelled_by for order in orders],
            "days": [order.cancelled_on for order in orders],
            "evidence": [order.evidence for order in orders],
        },
    )


async def add_recovered(session: AsyncSession, cents: Mapping[str, int]) -> None:
    """Add recovered cents to orders."""
    values = {"ids": sorted(cents), "cents": [cents[order_id] for order_id in sorted(cents)]}
    if cents:
        await session.execute(_RECOVER, values)


def told(kind: type[F], order: OrderRow | ReportedOrder, **more: Any) -> F:
    """A fact about an order as it stands; `more` is what its row lacks, or sums given anew."""
    read = kind.__pydantic_validator__.validate_python
    fact: F = read(order._asdict() | more) if more else read(order, from_attributes=True)
    return fact
