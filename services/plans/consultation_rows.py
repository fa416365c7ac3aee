"""Consultations, orders of heads, and the guard that a specialist is in one place at a time.

A specialist's row is locked before that specialist's consultations are read and written; an
exclusion constraint says the same. It works on one range of whole numbers, the specialist's
number in the upper half and the minute in the lower, and so needs no extension.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Time,
    UniqueConstraint,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, INT8RANGE, ExcludeConstraint, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.consultation_rules import Consultation, HeadOrder
from services.plans.plan_tables import PLANS
from services.plans.store import METADATA, MOMENT, among, change, row_of, write

MINUTE_BITS = 32

PROVIDERS = Table(
    "providers",
    METADATA,
    Column("provider_ref", Text, primary_key=True),
    Column("provider_no", Integer, Identity(always=True), nullable=False),
    UniqueConstraint("provider_no"),
)
HEAD_ORDERS = Table(
    "head_orders",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("school_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("plan_ids", ARRAY(Text), nullable=False),
    Column("provider_refs", ARRAY(Text), nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("confirmation_kinds", ARRAY(Text), nullable=False),
    Column("place", Text),
    Column("place_kind", Text),
    Column("revoked_on", Date),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", MOMENT, nullable=False),
    CheckConstraint("kind IN ('remote', 'practice')", name="kind_known"),
    CheckConstraint("valid_from <= valid_to", name="dates_in_order"),
    CheckConstraint("kind <> 'practice' OR place <> ''", name="practice_has_place"),
    Index("head_orders_by_plan", "plan_ids", postgresql_using="gin"),
    Index("head_orders_by_school", "school_id", "issued_on"),
)
CONSULTATIONS = Table(
    "consultations",
    METADATA,
    Column("consultation_id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plans.plan_id"), nullable=False),
    Column("measure_id", Text, nullable=False),
    Column("provider_ref", Text, ForeignKey("providers.provider_ref"), nullable=False),
    Column("provider_kind", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("starts_at", Time, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("busy", INT8RANGE),
    Column("mode", Text, nullable=False),
    Column("setting", Text, nullable=False),
    Column("subject", Text),
    Column("channel", Text),
    Column("head_order_id", Text, ForeignKey("head_orders.order_id")),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    Column("confirmed_on", Date),
    Column("confirmation_kind", Text),
    Column("confirmed_by", Text),
    Column("confirmed_at", MOMENT),
    Column("cancelled_at", MOMENT),
    CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes_sensible"),
    CheckConstraint(
        "mode = 'on_site' OR (mode = 'remote' AND head_order_id IS NOT NULL)",
        name="remote_has_order",
    ),
    CheckConstraint("confirmed_on >= held_on", name="confirmed_after_held"),
    CheckConstraint("confirmed_on IS NULL OR cancelled_at IS NULL", name="cancelled_or_confirmed"),
    CheckConstraint("(busy IS NULL) = (cancelled_at IS NOT NULL)", name="busy_unless_cancelled"),
    ExcludeConstraint(("busy", "&&"), name="consultations_one_at_a_time", using="gist"),
    Index("consultations_by_plan", "plan_id", "held_on"),
    Index("consultations_by_provider", "provider_ref", "held_on"),
)


async def providers_locked(session: AsyncSession, refs: Iterable[str]) -> dict[str, int]:
    """The numbers of specialists, who get one if they have none; their rows are locked."""
    wanted = sorted(set(refs))
    if not wanted:
        return {}
    given = select(func.unnest(bindparam(None, wanted, type_=ARRAY(Text))))
    new = insert(PROVIDERS).from_select(["provider_ref"], given)
    await session.execute(new.on_conflict_do_nothing())
    rows = await session.execute(
        select(PROVIDERS.c.provider_ref, PROVIDERS.c.provider_no)
        .where(among(PROVIDERS.c.provider_ref, wanted))
        .order_by(PROVIDERS.c.provider_ref)
        .with_for_update()
    )
    return {row[0]: row[1] for row in rows}


async def neighbours(
    session: AsyncSession, refs: Iterable[str], days: Sequence[date]
) -> dict[tuple[str, date], list[Consultation]]:
    """What specialists have from the first to the last of these days, by specialist and day."""
    if not days:
        return {}
    rows = await session.execute(
        select(CONSULTATIONS)
        .where(among(CONSULTATIONS.c.provider_ref, refs))
        .where(
            CONSULTATIONS.c.held_on.between(
                min(days) - timedelta(days=1), max(days) + timedelta(days=1)
            )
        )
        .where(CONSULTATIONS.c.cancelled_at.is_(None))
    )
    found: dict[tuple[str, date], list[Consultation]] = {}
    for row in rows.mappings():
        found.setdefault((row["provider_ref"], row["held_on"]), []).append(_consultation(row))
    return found


async def plan_ids_of(session: AsyncSession, consultation_ids: Iterable[str]) -> list[str]:
    """The plans of consultations."""
    rows = await session.execute(
        select(CONSULTATIONS.c.plan_id)
        .where(among(CONSULTATIONS.c.consultation_id, consultation_ids))
        .distinct()
    )
    return list(rows.scalars())


async def consultations_locked(
    session: AsyncSession, consultation_ids: Iterable[str]
) -> dict[str, Consultation]:
    """Consultations by id, their rows locked; the plans' rows come before."""
    rows = await session.execute(
        select(CONSULTATIONS)
        .where(among(CONSULTATIONS.c.consultation_id, consultation_ids))
        .order_by(CONSULTATIONS.c.consultation_id)
        .with_for_update()
    )
    return {row["consultation_id"]: _consultation(row) for row in rows.mappings()}


async def consultations_of(
    session: AsyncSession, plan_id: str, *, provider_refs: Iterable[str] | None = None
) -> list[Consultation]:
    """A plan's consultations in their order; only those of some specialists if they are named."""
    asked = select(CONSULTATIONS).where(CONSULTATIONS.c.plan_id == plan_id)
    if provider_refs is not None:
        asked = asked.where(among(CONSULTATIONS.c.provider_ref, provider_refs))
    rows = await session.execute(asked.order_by(CONSULTATIONS.c.held_on, CONSULTATIONS.c.starts_at))
    return [_consultation(row) for row in rows.mappings()]


def _consultation(row: Mapping[Any, Any]) -> Consultation:
    """A row as a value."""
    return Consultation(**{name: value for name, value in row.items() if name != "busy"})


async def keep_consultations(
    session: AsyncSession, held: Iterable[Consultation], numbers: Mapping[str, int]
) -> None:
    """Write consultations, new or changed, with the time each takes of its specialist."""
    rows = [row_of(one) | {"busy": busy_of(one, numbers[one.provider_ref])} for one in held]
    await write(session, CONSULTATIONS, rows, keys=["consultation_id"])


async def keep_confirmations(session: AsyncSession, held: Iterable[Consultation]) -> None:
    """Note on consultations that are there how, when and by whom they were confirmed."""
    names = ("consultation_id", "confirmed_on", "confirmation_kind", "confirmed_by", "confirmed_at")
    rows = [{name: getattr(one, name) for name in names} for one in held]
    await change(session, CONSULTATIONS, rows, keys=["consultation_id"])


async def keep_cancellations(session: AsyncSession, held: Iterable[Consultation]) -> None:
    """Note on consultations that they were taken back; their time is free again."""
    rows = [
        {"consultation_id": one.consultation_id, "cancelled_at": one.cancelled_at, "busy": None}
        for one in held
    ]
    await change(session, CONSULTATIONS, rows, keys=["consultation_id"])


def busy_of(held: Consultation, provider_no: int) -> str | None:
    """The time a consultation takes of its specialist, as the range the constraint looks at."""
    if held.cancelled_at is not None:
        return None
    first = (provider_no << MINUTE_BITS) + held.first_minute
    return f"[{first},{first + held.minutes})"


async def head_orders_for(session: AsyncSession, plan_ids: Iterable[str]) -> list[HeadOrder]:
    """Orders of heads that name any of the plans."""
    wanted = sorted(set(plan_ids))
    if not wanted:
        return []
    rows = await session.execute(select(HEAD_ORDERS).where(HEAD_ORDERS.c.plan_ids.overlap(wanted)))
    return [_order(row) for row in rows.mappings()]


async def head_orders_of(session: AsyncSession, school_ids: Iterable[str]) -> list[HeadOrder]:
    """Orders of the heads of schools, the newest first."""
    rows = await session.execute(
        select(HEAD_ORDERS)
        .where(among(HEAD_ORDERS.c.school_id, school_ids))
        .order_by(HEAD_ORDERS.c.issued_on.desc(), HEAD_ORDERS.c.number)
    )
    return [_order(row) for row in rows.mappings()]


async def plans_of_orders(session: AsyncSession, order_ids: Iterable[str]) -> set[str]:
    """The plans that orders of heads name."""
    rows = await session.execute(
        select(HEAD_ORDERS.c.plan_ids).where(among(HEAD_ORDERS.c.order_id, order_ids))
    )
    return {plan_id for row in rows for plan_id in row[0]}


async def head_orders_locked(
    session: AsyncSession, order_ids: Iterable[str]
) -> dict[str, HeadOrder]:
    """Orders of heads by id, locked; the pupils of their plans are locked before."""
    rows = await session.execute(
        select(HEAD_ORDERS)
        .where(among(HEAD_ORDERS.c.order_id, order_ids))
        .order_by(HEAD_ORDERS.c.order_id)
        .with_for_update()
    )
    return {row["order_id"]: _order(row) for row in rows.mappings()}


async def keep_revocations(session: AsyncSession, orders: Iterable[HeadOrder]) -> None:
    """Note on orders that are there from when they do not hold any more."""
    rows = [
        {"order_id": order.order_id, "revoked_on": order.revoked_on}
        for order in orders
        if order.revoked_on is not None
    ]
    await change(session, HEAD_ORDERS, rows, keys=["order_id"])


def _order(row: Mapping[Any, Any]) -> HeadOrder:
    """A row as a value."""
    lists = ("plan_ids", "provider_refs", "channels", "confirmation_kinds")
    kept: dict[str, Any] = {
        name: tuple(value) if name in lists else value
        for name, value in row.items()
        if name not in ("issued_by", "issued_at")
    }
    return HeadOrder(**kept)


async def known_head_orders(session: AsyncSession, order_ids: Iterable[str]) -> set[str]:
    """Which of the orders were entered before."""
    rows = await session.execute(
        select(HEAD_ORDERS.c.order_id).where(among(HEAD_ORDERS.c.order_id, order_ids))
    )
    return set(rows.scalars())


async def schools_of_plans(session: AsyncSession, plan_ids: Iterable[str]) -> dict[str, str]:
    """The school of each plan."""
    rows = await session.execute(
        select(PLANS.c.plan_id, PLANS.c.school_id).where(among(PLANS.c.plan_id, plan_ids))
    )
    return {row[0]: row[1] for row in rows}


async def keep_head_orders(session: AsyncSession, orders: Sequence[Mapping[str, Any]]) -> None:
    """Write orders of heads."""
    await write(session, HEAD_ORDERS, orders, keys=["order_id"])
