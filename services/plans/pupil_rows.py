"""Pupils, namings and applications as identification told them, and the pupil's row lock.

Whoever writes facts about a pupil locks that pupil's row first, several in the order of their
references, so that facts of one pupil leave in the order in which they became true.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.plans.plan_tables import PLANS
from services.plans.store import METADATA, among, change, write

PUPILS = Table(
    "pupils",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("partner", Text, nullable=False),
    Column("school_id", Text, nullable=False),
    Column("municipality_id", Text, nullable=False),
    Column("programme", Text),
    Column("grade", Integer),
    Column("sex", Text, nullable=False, server_default="unknown"),
    Column("signs_alone_from", Date),
    Column("left_on", Date),
    Index("pupils_by_school", "school_id"),
)
NAMINGS = Table(
    "namings",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("semester", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("risk_groups", ARRAY(Text), nullable=False),
    Column("named_on", Date, nullable=False),
    Column("cleared", Boolean, nullable=False, server_default=text("false")),
    Index("namings_by_semester", "semester", "pupil_ref"),
)
APPLICATIONS = Table(
    "applications",
    METADATA,
    Column("application_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("pupil_ref", Text, nullable=False),
    Column("signer_kind", Text, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("withdrawn_on", Date),
    Index("applications_by_pupil", "pupil_ref"),
)


async def pupils_locked(session: AsyncSession, refs: Iterable[str]) -> list[dict[str, Any]]:
    """Rows of pupils, locked in the order of references."""
    rows = await session.execute(
        select(PUPILS)
        .where(among(PUPILS.c.pupil_ref, refs))
        .order_by(PUPILS.c.pupil_ref)
        .with_for_update()
    )
    return [dict(row) for row in rows.mappings()]


async def pupils_of_plans_locked(
    session: AsyncSession, plan_ids: Iterable[str]
) -> list[dict[str, Any]]:
    """Rows of the pupils of plans, locked in the same order; every action on plans begins so."""
    of_plans = select(PLANS.c.pupil_ref).where(among(PLANS.c.plan_id, plan_ids))
    rows = await session.execute(
        select(PUPILS)
        .where(PUPILS.c.pupil_ref.in_(of_plans))
        .order_by(PUPILS.c.pupil_ref)
        .with_for_update()
    )
    return [dict(row) for row in rows.mappings()]


async def places_of(session: AsyncSession, pupil_ref: str) -> frozenset[str] | None:
    """School, municipality and partner of a pupil; None where the pupil is not known."""
    rows = await session.execute(
        select(PUPILS.c.school_id, PUPILS.c.municipality_id, PUPILS.c.partner).where(
            PUPILS.c.pupil_ref == pupil_ref
        )
    )
    row = rows.first()
    return None if row is None else frozenset(row)


async def keep_pupils(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep where pupils are; what a newer fact said stays."""
    await write(session, PUPILS, rows, keys=["pupil_ref"], unless_newer="version")


async def keep_namings(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep namings by pupil and semester."""
    await write(session, NAMINGS, rows, keys=["pupil_ref", "semester"], unless_newer="version")


async def clear_namings(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Clear namings that are there."""
    await change(session, NAMINGS, rows, keys=["pupil_ref", "semester"])


async def keep_applications(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep applications by id."""
    await write(session, APPLICATIONS, rows, keys=["application_id"], unless_newer="version")


async def withdraw_applications(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Withdraw applications that are there."""
    await change(session, APPLICATIONS, rows, keys=["application_id"])
