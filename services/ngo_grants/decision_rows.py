"""Decisions as rows: counts and the ranking they rest on, without names of people."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    RowMapping,
    Table,
    Text,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.applicant_rows import APPLICANTS
from services.ngo_grants.application_rows import APPLICATIONS
from services.ngo_grants.call_rows import CALLS
from services.ngo_grants.store import METADATA, moments, words

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("call_id", Text, ForeignKey("calls.call_id"), primary_key=True),
    *words("decided_by"),
    *moments("decided_at"),
    Column("late_reason", Text),
    Column("remarks", Text),
    Column("comments", JSONB, nullable=False),
    Column("approved", Integer, nullable=False),
    Column("reserve", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    CheckConstraint("approved >= 0 AND reserve >= 0 AND rejected >= 0", name="counts"),
)


async def add(session: AsyncSession, decision: Mapping[str, Any]) -> None:
    """Write a decision."""
    await session.execute(insert(DECISIONS).values(**decision))


async def set_counts(session: AsyncSession, call_id: str, counts: Mapping[str, int]) -> None:
    """Write the counts after a reserve moved up."""
    await session.execute(update(DECISIONS).where(DECISIONS.c.call_id == call_id).values(**counts))


async def of_call(session: AsyncSession, call_id: str) -> RowMapping | None:
    """The decision of a call, if there is one."""
    asked = select(DECISIONS).where(DECISIONS.c.call_id == call_id)
    return (await session.execute(asked)).mappings().first()


async def results(
    session: AsyncSession,
    *,
    municipality_id: str | None,
    year: int | None,
    states: Sequence[str],
    limit: int,
) -> Sequence[RowMapping]:
    """Applications of decided calls with organisation, outcome and exact total; no people."""
    asked = (
        select(
            CALLS.c.call_id,
            CALLS.c.municipality_id,
            CALLS.c.year,
            CALLS.c.quota,
            CALLS.c.decided_at,
            APPLICATIONS.c.application_id,
            APPLICATIONS.c.registration_number,
            APPLICANTS.c.name.label("applicant"),
            APPLICATIONS.c.title,
            APPLICATIONS.c.state,
            APPLICATIONS.c.place,
            APPLICATIONS.c.total,
            APPLICATIONS.c.reasons,
        )
        .join(APPLICATIONS, APPLICATIONS.c.call_id == CALLS.c.call_id)
        .join(APPLICANTS, APPLICANTS.c.registration_number == APPLICATIONS.c.registration_number)
        .where(CALLS.c.state == "decided", APPLICATIONS.c.state.in_(states))
        .order_by(CALLS.c.call_id, APPLICATIONS.c.place.nulls_last(), APPLICATIONS.c.application_id)
        .limit(limit)
    )
    if municipality_id is not None:
        asked = asked.where(CALLS.c.municipality_id == municipality_id)
    if year is not None:
        asked = asked.where(CALLS.c.year == year)
    return (await session.execute(asked)).mappings().all()


async def counts(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Approved and reserve of decided calls, by call."""
    asked = select(DECISIONS.c.call_id, DECISIONS.c.approved, DECISIONS.c.reserve).where(
        DECISIONS.c.call_id.in_(sorted(call_ids))
    )
    rows = await session.execute(asked)
    return {call_id: (approved, reserve) for call_id, approved, reserve in rows}
