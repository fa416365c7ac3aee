"""What payments told of plans: orders and what became of them, reservations, room of months.

Orders are kept as lines, an ordered sum up and a returned or recovered one down, under the
order's id and the fact's version; telling a fact again changes nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.finance import Spending
from services.plans.store import METADATA, MOMENT, among, write

SPENDING = Table(
    "spending",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("plan_id", Text, nullable=False),
    Column("measure_id", Text),
    Column("month", Text, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("told_at", MOMENT, nullable=False),
    Index("spending_by_plan", "plan_id"),
)
ENTITLEMENTS = Table(
    "entitlements",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("plan_version", Integer, nullable=False),
    Column("reserved_cents", BigInteger, nullable=False),
    Column("refused_cents", BigInteger, nullable=False),
)
REFUSED_MONTHS = Table(
    "refused_months",
    METADATA,
    Column("plan_id", Text),
    Column("plan_version", Integer),
    Column("measure_id", Text),
    Column("month", Text),
    Column("reason_code", Text, nullable=False),
    Column("asked_cents", BigInteger, nullable=False),
    Column("room_left_cents", BigInteger, nullable=False),
    Column("missing_cents", BigInteger, nullable=False),
    PrimaryKeyConstraint("plan_id", "plan_version", "measure_id", "month"),
)
ROOMS = Table(
    "rooms",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("cap_cents", BigInteger, nullable=False),
    Column("reserved_cents", BigInteger, nullable=False),
    Column("ordered_cents", BigInteger, nullable=False),
    Column("told_at", MOMENT, nullable=False),
)
CEILINGS = Table(
    "ceilings",
    METADATA,
    Column("month", Text, primary_key=True),
    Column("cap_cents", BigInteger, nullable=False),
    Column("told_at", MOMENT, nullable=False),
)

_STILL_MISSING = text("""
    UPDATE refused_months r SET missing_cents = n.missing_cents
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n (
        plan_id text, plan_version integer, measure_id text, month text, missing_cents bigint
    )
    WHERE r.plan_id = n.plan_id AND r.plan_version = n.plan_version
        AND r.measure_id = n.measure_id AND r.month = n.month
""")
_SUMS_OF_PLANS = text("""
    UPDATE entitlements e SET refused_cents = m.missing,
        reserved_cents = e.reserved_cents + e.refused_cents - m.missing
    FROM (
        SELECT plan_id, plan_version, sum(missing_cents)::bigint AS missing FROM refused_months
        WHERE plan_id = ANY(:plans) GROUP BY plan_id, plan_version
    ) m
    WHERE e.plan_id = m.plan_id AND e.plan_version = m.plan_version
""").bindparams(bindparam("plans", type_=ARRAY(Text)))
_NOT_MISSING = text(
    "DELETE FROM refused_months WHERE plan_id = ANY(:plans) AND missing_cents = 0"
).bindparams(bindparam("plans", type_=ARRAY(Text)))


async def keep_spending(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep lines of orders; of one order and version there is one."""
    await write(session, SPENDING, rows, keys=["order_id", "version"])


async def keep_entitlements(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was reserved for plans; of one plan the newest version stays."""
    await write(session, ENTITLEMENTS, rows, keys=["plan_id"], unless_newer="plan_version")


async def keep_refused_months(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep months that did not fit under the ceiling or into the partner's allocation."""
    keys = ["plan_id", "plan_version", "measure_id", "month"]
    await write(session, REFUSED_MONTHS, rows, keys=keys)


async def reserve_refused(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set what is still missing of refused months; what fits after all is refused no longer.

    What a plan has reserved grows by as much as is refused less.
    """
    await session.execute(_STILL_MISSING, {"rows": json.dumps(rows)})
    plans = sorted({row["plan_id"] for row in rows})
    await session.execute(_SUMS_OF_PLANS, {"plans": plans})
    await session.execute(_NOT_MISSING, {"plans": plans})


async def keep_rooms(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what pupils' months hold, and the ceilings of months; what was told later stays."""
    await write(session, ROOMS, rows, keys=["pupil_ref", "month"], unless_newer="told_at")
    ceilings = [{name: row[name] for name in ("month", "cap_cents", "told_at")} for row in rows]
    ceilings.sort(key=lambda row: row["told_at"])
    await write(session, CEILINGS, ceilings, keys=["month"], unless_newer="told_at")


async def spending_of(session: AsyncSession, plan_ids: Iterable[str]) -> list[Spending]:
    """What is used of plans: the lines of each order added up."""
    rows = await session.execute(
        select(
            SPENDING.c.order_id,
            SPENDING.c.plan_id,
            SPENDING.c.measure_id,
            SPENDING.c.month,
            func.sum(SPENDING.c.cents).label("cents"),
        )
        .where(among(SPENDING.c.plan_id, plan_ids))
        .group_by(SPENDING.c.order_id, SPENDING.c.plan_id, SPENDING.c.measure_id, SPENDING.c.month)
        .order_by(SPENDING.c.order_id)
    )
    return [Spending(**{**row, "cents": int(row["cents"])}) for row in rows.mappings()]


async def reservations_of(session: AsyncSession, plan_id: str) -> Mapping[str, Any] | None:
    """What payments reserved for a plan, and the months it refused of that version."""
    row = (
        (await session.execute(select(ENTITLEMENTS).where(ENTITLEMENTS.c.plan_id == plan_id)))
        .mappings()
        .first()
    )
    refused = await session.execute(
        select(REFUSED_MONTHS)
        .where(REFUSED_MONTHS.c.plan_id == plan_id)
        .order_by(REFUSED_MONTHS.c.plan_version, REFUSED_MONTHS.c.month)
    )
    months = [dict(one) for one in refused.mappings()]
    if row is None and not months:
        return None
    return {**(row or {}), "refused_months": months}
