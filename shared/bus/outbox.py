"""Say something: facts become rows of the outbox in the caller's own transaction.

Order per thing holds because whoever publishes about a thing has locked its row first.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from opentelemetry import trace
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import envelope, spans
from shared.bus.context import Story, current_story
from shared.bus.record_batch import header, headers, varint
from shared.contracts.base import Fact, Received
from shared.db import copy_rows

_COLUMNS = ("event_id", "topic", "part_key", "headers", "payload")
Packed = tuple[str, str, str, bytes, bytes]
"""A fact as its row of the outbox."""


async def publish(
    session: AsyncSession,
    facts: Sequence[Fact],
    *,
    at: datetime | Sequence[datetime],
    because: Sequence[Received[Any] | None] | None = None,
) -> None:
    """Say these facts, in this order, if and only if the caller's transaction commits.

    `at` is when they became true, one moment for all or one for each. `because` names what
    each follows from; without it the fact being applied with the same key is taken.
    """
    await publish_packed(session, pack(session.info["source"], facts, at=at, because=because))


def pack(
    source: str,
    facts: Sequence[Fact],
    *,
    at: datetime | Sequence[datetime],
    because: Sequence[Received[Any] | None] | None = None,
) -> list[Packed]:
    """Facts as rows of the outbox, for who makes them in a thread while the database works."""
    moments = [at] * len(facts) if isinstance(at, datetime) else list(at)
    causes = list(because) if because is not None else _causes(facts, current_story())
    event_ids = _event_ids(moments)
    keys = [fact.key for fact in facts]
    headers = _headers(source, zip(facts, keys, moments, causes, event_ids, strict=True))
    return [
        (event_id, fact.topic_name, key, packed, fact.__pydantic_serializer__.to_json(fact))
        for event_id, fact, key, packed in zip(event_ids, facts, keys, headers, strict=True)
    ]


async def publish_packed(session: AsyncSession, rows: Sequence[Packed]) -> None:
    """Say facts that were packed for this session's source, in this order."""
    if rows:
        await copy_rows(session, "outbox", _COLUMNS, rows)
        session.info["published"] = True


def _causes(facts: Sequence[Fact], story: Story) -> list[Received[Any] | None]:
    """For each fact the one being applied that has its key, or the only one there is."""
    if not story.told:
        return [None] * len(facts)
    if len(story.told) == 1:
        return [story.told[0]] * len(facts)
    by_key: Mapping[str, Received[Any]] = {told.fact.key: told for told in story.told}
    return [by_key.get(fact.key) for fact in facts]


def _headers(
    source: str, told: Iterable[tuple[Fact, str, datetime, Received[Any] | None, str]]
) -> list[bytes]:
    """The envelopes of facts, as Kafka keeps headers.

    Of each fact comes its key, when it was true, what it follows from, and its id.
    """
    story = current_story()
    running = _trace(story)
    begun = _begun(story.correlation_id, running) if story.correlation_id else None
    written = []
    for fact, key, moment, cause, event_id in told:
        subject = key.encode()
        subject = varint(len(subject)) + subject
        partner = fact.about_partner
        if cause is not None:
            origin, more = _follows(cause, running[0])
        else:
            origin, more = begun or _begun(event_id, running)
        parts = (
            envelope.constant_part(fact.type, source),
            _ID,
            event_id.encode(),
            _time(moment),
            _SUBJECT,
            subject,
            _PARTITION_KEY,
            subject,
            _partner(partner) if partner else b"",
            origin,
        )
        count = envelope.CONSTANT_HEADERS + _OWN_HEADERS + bool(partner) + more
        written.append(headers(parts, count))
    return written


_OWN_HEADERS = 4
_ID = header("ce_id", b"0" * 36)[:-36]
_SUBJECT = header("ce_subject", b"")[:-1]
_PARTITION_KEY = header("ce_partitionkey", b"")[:-1]
_CORRELATION = header("correlationid", b"")[:-1]
_CAUSATION = header("causationid", b"")[:-1]
_TRACEPARENT = header("traceparent", b"")[:-1]


def _begun(correlation_id: str, trace: tuple[str, str]) -> tuple[bytes, int]:
    """Correlation and trace of what follows from no other fact, and how many headers that is."""
    written, count = _traced(trace)
    return _value(_CORRELATION, correlation_id) + written, count + 1


@lru_cache(maxsize=1024)
def _traced(trace: tuple[str, str]) -> tuple[bytes, int]:
    """The headers of a trace, and how many there are."""
    parts = [
        header(name, value.encode())
        for name, value in zip(("traceparent", "tracestate"), trace, strict=True)
        if value
    ]
    return b"".join(parts), len(parts)


def _follows(cause: Received[Any], traceparent: str) -> tuple[bytes, int]:
    """Correlation, cause and trace of what follows from a fact, and how many headers that is."""
    written = _value(_CORRELATION, cause.correlation_id or cause.event_id)
    written += _value(_CAUSATION, cause.event_id)
    traced = cause.traceparent or traceparent
    return (written + _value(_TRACEPARENT, traced), 3) if traced else (written, 2)


def _value(name: bytes, value: str) -> bytes:
    """A header whose name is written already."""
    written = value.encode()
    return name + varint(len(written)) + written


@lru_cache(maxsize=1024)
def _time(moment: datetime) -> bytes:
    return header("ce_time", moment.isoformat().encode())


@lru_cache(maxsize=4096)
def _partner(partner: str) -> bytes:
    return header("ce_partner", partner.encode())


def _trace(story: Story) -> tuple[str, str]:
    """`traceparent` and `tracestate` of the running span, else those the story came with."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return story.traceparent or "", ""
    return spans.traceparent(span), span.trace_state.to_header()


def _event_ids(moments: Sequence[datetime]) -> list[str]:
    """A UUID of version 7 for each moment (RFC 9562: milliseconds, then chance)."""
    chance = os.urandom(10 * len(moments)).hex()
    found = []
    for moment, at in zip(moments, range(0, len(chance), 20), strict=True):
        variant = _VARIANTS[chance[at]]
        found.append(
            f"{_stamp(moment)}-7{chance[at + 1 : at + 4]}"
            f"-{variant}{chance[at + 4 : at + 7]}-{chance[at + 8 : at + 20]}"
        )
    return found


_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


@lru_cache(maxsize=1024)
def _stamp(moment: datetime) -> str:
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}"
