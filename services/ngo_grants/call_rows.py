"""Calls and their history as rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Select,
    Table,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from services.ngo_grants.domain import Call, CallState
from services.ngo_grants.rules import Rules
from services.ngo_grants.store import METADATA, moments, one_of, words
from shared.errors import NotFound

CALLS = Table(
    "calls",
    METADATA,
    Column("call_id", Text, primary_key=True),
    *words("municipality_id", "state", "nolikum_version", "created_by"),
    Column("year", Integer, nullable=False),
    Column("quota", Integer, nullable=False),
    Column("eligible_pupils", Integer),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    *moments("created_at"),
    *moments("published_at", "decided_at", nullable=True),
    Column("closed_on", Date),
    one_of("state", CallState),
    CheckConstraint("quota >= 0", name="quota_not_negative"),
    CheckConstraint("closes_on > opens_on", name="window_has_days"),
    Index("calls_by_municipality", "municipality_id", "year"),
)
HISTORY = Table(
    "call_history",
    METADATA,
    Column("call_id", Text, ForeignKey("calls.call_id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    *words("what", "by"),
    Column("reason_code", Text),
    Column("reason", Text),
    *moments("at"),
)
_NUMBERING = text("SELECT pg_advisory_xact_lock(hashtextextended(:municipality_id, 8340))")


class UnknownCall(NotFound):
    """There is no such call."""

    code = "unknown-call"


async def next_number(session: AsyncSession, municipality_id: str, year: int) -> int:
    """The number of the municipality's next call in a year; others wait until this one commits."""
    await session.execute(_NUMBERING, {"municipality_id": municipality_id})
    counted = await session.scalar(
        select(func.count())
        .select_from(CALLS)
        .where(CALLS.c.municipality_id == municipality_id, CALLS.c.year == year)
    )
    return (counted or 0) + 1


async def add(session: AsyncSession, call: Call, *, now: datetime) -> None:
    """Write a new call and the first line of its history."""
    row = {
        column.name: getattr(call, column.name)
        for column in CALLS.c
        if column.name not in {"rules", "created_at"}
    }
    rules = call.rules.model_dump(mode="json")
    await session.execute(insert(CALLS).values(**row, rules=rules, created_at=now))
    await _remember(session, call, "created", by=call.created_by, now=now)


async def change(
    session: AsyncSession,
    call: Call,
    what: str,
    *,
    by: str,
    now: datetime,
    reason_code: str | None = None,
    reason: str | None = None,
) -> Call:
    """Keep a changed call under its next version, with a line of history; returns it."""
    changed = replace(call, version=call.version + 1)
    await session.execute(
        update(CALLS)
        .where(CALLS.c.call_id == call.call_id)
        .values(
            state=changed.state,
            closes_on=changed.closes_on,
            closed_on=changed.closed_on,
            published_at=changed.published_at,
            decided_at=changed.decided_at,
            version=changed.version,
        )
    )
    await _remember(session, changed, what, by=by, now=now, reason_code=reason_code, reason=reason)
    return changed


async def _remember(
    session: AsyncSession,
    call: Call,
    what: str,
    *,
    by: str,
    now: datetime,
    reason_code: str | None = None,
    reason: str | None = None,
) -> None:
    """Write who did what and why."""
    await session.execute(
        insert(HISTORY).values(
            call_id=call.call_id,
            version=call.version,
            what=what,
            by=by,
            at=now,
            reason_code=reason_code,
            reason=reason,
        )
    )


async def locked(session: AsyncSession, call_id: str) -> Call:
    """The call, for whoever changes it or decides on it; raises UnknownCall."""
    return await _one(session, call_id, select(CALLS).with_for_update())


async def held(session: AsyncSession, call_id: str) -> Call:
    """The call, kept from changing while something is added to it; raises UnknownCall."""
    return await _one(session, call_id, select(CALLS).with_for_update(read=True))


async def read(session: AsyncSession, call_id: str) -> Call:
    """The call; raises UnknownCall."""
    return await _one(session, call_id, select(CALLS))


async def _one(session: AsyncSession, call_id: str, asked: Select[Any]) -> Call:
    """One call by id."""
    row = (await session.execute(asked.where(CALLS.c.call_id == call_id))).mappings().first()
    if row is None:
        raise UnknownCall(call_id=call_id)
    return _call(row)


async def listed(
    session: AsyncSession,
    *,
    municipality_id: str | None = None,
    year: int | None = None,
    states: Sequence[CallState] = (),
    decide_before: date | None = None,
    limit: int,
) -> list[Call]:
    """Calls by place, year and state, newest first."""
    asked = select(CALLS).order_by(CALLS.c.opens_on.desc(), CALLS.c.call_id).limit(limit)
    if municipality_id is not None:
        asked = asked.where(CALLS.c.municipality_id == municipality_id)
    if year is not None:
        asked = asked.where(CALLS.c.year == year)
    if states:
        asked = asked.where(CALLS.c.state.in_(states))
    calls = [_call(row) for row in (await session.execute(asked)).mappings()]
    if decide_before is None:
        return calls
    return [call for call in calls if call.is_overdue(decide_before)]


async def history(session: AsyncSession, call_id: str) -> Sequence[RowMapping]:
    """What happened to a call, in order."""
    asked = select(HISTORY).where(HISTORY.c.call_id == call_id).order_by(HISTORY.c.version)
    return (await session.execute(asked)).mappings().all()


def _call(row: RowMapping) -> Call:
    """A row as a value."""
    values = {name: row[name] for name in Call.__slots__ if name not in {"rules", "state"}}
    return Call(**values, rules=Rules.model_validate(row["rules"]), state=CallState(row["state"]))
