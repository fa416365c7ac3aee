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
from services.plans.pupils import Application, Naming, Pupil
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


async def pupils_locked(session: AsyncSession, refs: Iterable[str]) -> dict[str, Pupil]:
    """Pupils with namings and applications, their rows locked in the order of references."""
    wanted = sorted(set(refs))
    rows = await session.execute(
        select(PUPILS)
        .where(among(PUPILS.c.pupil_ref, wanted))
        .order_by(PUPILS.c.pupil_ref)
        .with_for_update()
    )
    return await _whole(session, [dict(row) for row in rows.mappings()])


async def pupils_of_plans_locked(
    session: AsyncSession, plan_ids: Iterable[str]
) -> dict[str, Pupil]:
    """The pupils of plans, locked in the same order; what an action on plans begins with."""
    of_plans = select(PLANS.c.pupil_ref).where(among(PLANS.c.plan_id, plan_ids))
    rows = await session.execute(
        select(PUPILS)
        .where(PUPILS.c.pupil_ref.in_(of_plans))
        .order_by(PUPILS.c.pupil_ref)
        .with_for_update()
    )
    return await _whole(session, [dict(row) for row in rows.mappings()])


async def pupils(session: AsyncSession, refs: Iterable[str]) -> dict[str, Pupil]:
    """Pupils with namings and applications, only to read."""
    rows = await session.execute(select(PUPILS).where(among(PUPILS.c.pupil_ref, refs)))
    return await _whole(session, [dict(row) for row in rows.mappings()])


async def _whole(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> dict[str, Pupil]:
    """Rows of pupils with what belongs to them, by two statements more."""
    refs = [row["pupil_ref"] for row in rows]
    namings: dict[str, list[Naming]] = {}
    applications: dict[str, list[Application]] = {}
    if refs:
        found = await session.execute(select(NAMINGS).where(among(NAMINGS.c.pupil_ref, refs)))
        for row in found.mappings():
            namings.setdefault(row["pupil_ref"], []).append(_naming(row))
        found = await session.execute(
            select(APPLICATIONS).where(among(APPLICATIONS.c.pupil_ref, refs))
        )
        for row in found.mappings():
            applications.setdefault(row["pupil_ref"], []).append(_application(row))
    return {
        row["pupil_ref"]: Pupil(
            **{name: value for name, value in row.items() if name != "version"},
            namings=tuple(namings.get(row["pupil_ref"], ())),
            applications=tuple(applications.get(row["pupil_ref"], ())),
        )
        for row in rows
    }


def _naming(row: Mapping[Any, Any]) -> Naming:
    """A row as a value."""
    return Naming(
        semester=row["semester"],
        risk_groups=tuple(row["risk_groups"]),
        named_on=row["named_on"],
        cleared=row["cleared"],
    )


def _application(row: Mapping[Any, Any]) -> Application:
    """A row as a value."""
    return Application(
        application_id=row["application_id"],
        signer_kind=row["signer_kind"],
        signed_on=row["signed_on"],
        withdrawn_on=row["withdrawn_on"],
    )


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
