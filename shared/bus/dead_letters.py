"""What was set aside, and what a person does about it: look, apply again, or let it be.

A replay applies the stored record through the same handler, in one transaction with its new
state; it neither asks nor moves the last number. Where its key is parked, everything that waits
behind it is applied too, in order, and the key is free. Every act says who and why.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus.consume import Consumer
from shared.bus.context import story
from shared.bus.envelope import Unreadable
from shared.bus.hearing import KeptRecord, OfAnotherForm, hear, told
from shared.bus.not_now import reason_of
from shared.db import Database
from shared.errors import NotFound, Refused

LISTED_MAX = 1_000

_LIST = text("""
    SELECT id, consumer, topic, part, position, source, sequence, ce_id, ce_type, part_key, stage,
           reason, state, dead_at, settled_by, settled_at, settled_why
    FROM dead_letters
    WHERE (CAST(:state AS text) IS NULL OR state = :state)
      AND (CAST(:consumer AS text) IS NULL OR consumer = :consumer)
      AND (CAST(:stage AS text) IS NULL OR stage = :stage)
    ORDER BY id LIMIT :most
""")
_ONE = text("SELECT * FROM dead_letters WHERE id = :id")
_LOCK = text("SELECT * FROM dead_letters WHERE id = :id AND state = 'open' FOR UPDATE")
_LOCK_KEY = text("""
    SELECT since FROM parked_keys WHERE consumer = :consumer AND part_key = :part_key FOR UPDATE
""")
_OF_KEY = text("""
    SELECT * FROM dead_letters
    WHERE consumer = :consumer AND part_key = :part_key AND state = 'open'
    ORDER BY source, sequence, id FOR UPDATE
""")
_SETTLE = text("""
    UPDATE dead_letters
    SET state = :state, settled_by = :by, settled_why = :why, settled_at = now()
    WHERE id = :id
""")
_FREE = text("DELETE FROM parked_keys WHERE consumer = :consumer AND part_key = :part_key")


class NoSuchLetter(NotFound):
    """There is no open dead letter with this number."""

    code = "no-such-dead-letter"


class NobodyHears(Refused):
    """No consumer of this service handles this type any more."""

    code = "nobody-hears-this"


class StillFails(Refused):
    """The record cannot be applied yet."""

    code = "still-fails"


@dataclass(frozen=True)
class Letter:
    """A record that was set aside, without its content."""

    id: int
    consumer: str
    topic: str
    part: int
    position: int
    source: str | None
    sequence: str | None
    ce_id: str | None
    ce_type: str | None
    part_key: str | None
    stage: str
    reason: str
    state: str
    dead_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    settled_why: str | None


@dataclass(frozen=True)
class Act:
    """What a person does, and whether it is for real; by default it is only tried."""

    by: str
    why: str
    for_real: bool = False


class _OnlyTried(Exception):
    """Rolls back what was only tried."""


async def list_letters(
    session: AsyncSession,
    *,
    state: str | None = "open",
    consumer: str | None = None,
    stage: str | None = None,
) -> list[Letter]:
    """Dead letters in the order in which they were set aside, at most a thousand."""
    names = {"state": state, "consumer": consumer, "stage": stage, "most": LISTED_MAX}
    rows = await session.execute(_LIST, names)
    return [Letter(**row) for row in rows.mappings()]


async def show(session: AsyncSession, letter_id: int) -> dict[str, Any]:
    """A dead letter with headers and value as received; raises NoSuchLetter."""
    row = (await session.execute(_ONE, {"id": letter_id})).mappings().one_or_none()
    if row is None:
        raise NoSuchLetter
    value = bytes(row["value"]).decode("utf-8", "replace") if row["value"] is not None else None
    headers = [[name, _readable(written)] for name, written in row["headers"]]
    return {**row, "headers": headers, "value": value}


async def replay(
    database: Database, consumers: Mapping[str, Consumer], letter_id: int, act: Act
) -> list[int]:
    """Apply a letter, and all that waits behind its key; gives the numbers of those applied.

    `consumers` by group. Raises NoSuchLetter, NobodyHears, or StillFails with the reason; then
    nothing has changed.
    """
    applied: list[int] = []
    try:
        async with database.transaction() as session:
            for row in await _with_those_behind(session, letter_id):
                await _apply(session, consumers, row)
                await _settle(session, row["id"], "replayed", act)
                applied.append(row["id"])
            if not act.for_real:
                raise _OnlyTried
    except _OnlyTried:
        return applied
    return applied


async def discard(database: Database, letter_id: int, act: Act) -> int:
    """Let a letter be; gives how many still wait behind its key. Raises NoSuchLetter.

    A key stays parked while anything of it is open: what waits is applied by replaying it.
    """
    waiting = 0
    try:
        async with database.transaction() as session:
            rows = await _with_those_behind(session, letter_id)
            await _settle(session, letter_id, "discarded", act)
            waiting = len(rows) - 1
            if not waiting:
                await session.execute(_FREE, _key(rows[0]))
            if not act.for_real:
                raise _OnlyTried
    except _OnlyTried:
        return waiting
    return waiting


async def _with_those_behind(session: AsyncSession, letter_id: int) -> Sequence[RowMapping]:
    """The open letter, or all open letters of its key if that is parked, in order.

    The parked key is locked first: a consumer that is just adding to it comes before us, one
    that comes after us waits and finds the key free.
    """
    row = (await session.execute(_ONE, {"id": letter_id})).mappings().one_or_none()
    if row is None or row["state"] != "open":
        raise NoSuchLetter
    parked = row["part_key"] and (await session.execute(_LOCK_KEY, _key(row))).first()
    if parked:
        rows = (await session.execute(_OF_KEY, _key(row))).mappings().all()
    else:
        rows = (await session.execute(_LOCK, {"id": letter_id})).mappings().all()
    if letter_id not in {found["id"] for found in rows}:
        raise NoSuchLetter
    return rows


async def _apply(session: AsyncSession, consumers: Mapping[str, Consumer], row: RowMapping) -> None:
    """Hand the stored record to its handler, as if it had just been heard."""
    consumer = consumers.get(row["consumer"])
    kinds = {kind.type: kind for kind in consumer.handles} if consumer is not None else {}
    if consumer is None or row["ce_type"] not in kinds:
        raise NobodyHears(f"no consumer {row['consumer']} handles {row['ce_type']}")
    office = row["topic"].split(".")[1] if consumer.topics[0].is_pattern else None
    heard = hear(_record(row), numbered=consumer.numbered, office=office)
    try:
        if heard.fault is not None:
            raise heard.fault
        kind = kinds[heard.ce_type]
        received = told(heard, kind)
        with story(told=[received]):
            await consumer.handles[kind](session, [received])
    except (Unreadable, OfAnotherForm) as fault:
        raise StillFails(fault.reason) from fault
    except Exception as error:
        raise StillFails(reason_of(error)) from error
    if row["part_key"]:
        await session.execute(_FREE, _key(row))


async def _settle(session: AsyncSession, letter_id: int, state: str, act: Act) -> None:
    names = {"id": letter_id, "state": state, "by": act.by, "why": act.why}
    await session.execute(_SETTLE, names)


def _key(row: RowMapping) -> dict[str, str]:
    return {"consumer": row["consumer"], "part_key": row["part_key"]}


def _record(row: RowMapping) -> KeptRecord:
    """The record as it was received."""
    return KeptRecord(
        topic=row["topic"],
        partition=row["part"],
        offset=row["position"],
        timestamp=round(row["told_at"].timestamp() * 1000),
        key=row["part_key"].encode() if row["part_key"] is not None else None,
        value=row["value"],
        headers=[
            (name, None if written is None else base64.b64decode(written))
            for name, written in row["headers"]
        ],
    )


def _readable(written: str | None) -> str | None:
    return None if written is None else base64.b64decode(written).decode("utf-8", "replace")
