"""Say something: facts become rows of the outbox in the caller's own transaction.

Order per thing holds because whoever publishes about a thing has locked its row first.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from opentelemetry import trace
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import envelope, spans
from shared.bus.context import Story, current_story
from shared.bus.record_batch import header, headers
from shared.contracts.base import Fact, Received
from shared.db import copy_rows

_COLUMNS = ("event_id", "topic", "part_key", "headers", "payload")


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
    if not facts:
        return
    moments = [at] * len(facts) if isinstance(at, datetime) else list(at)
    causes = list(because) if because is not None else _causes(facts, current_story())
    event_ids = _event_ids(moments)
    headers = _headers(session.info["source"], facts, moments, causes, event_ids)
    rows = [
        (event_id, fact.topic_name, fact.key, packed, fact.__pydantic_serializer__.to_json(fact))
        for event_id, fact, packed in zip(event_ids, facts, headers, strict=True)
    ]
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
    source: str,
    facts: Sequence[Fact],
    moments: Sequence[datetime],
    causes: Sequence[Received[Any] | None],
    event_ids: Sequence[str],
) -> list[bytes]:
    """The envelopes of facts, as Kafka keeps headers."""
    story = current_story()
    traceparent, tracestate = _trace(story)
    written = []
    for fact, moment, cause, event_id in zip(facts, moments, causes, event_ids, strict=True):
        key = fact.key.encode()
        parts = [
            envelope.constant_part(fact.type, source),
            _ID + event_id.encode(),
            _time(moment),
            header("ce_subject", key),
            header("ce_partitionkey", key),
        ]
        partner = fact.about_partner
        if partner:
            parts.append(_partner(partner))
        if cause is None:
            parts.append(header("correlationid", (story.correlation_id or event_id).encode()))
            traced = traceparent
            if tracestate:
                parts.append(header("tracestate", tracestate.encode()))
        else:
            parts.append(header("correlationid", (cause.correlation_id or cause.event_id).encode()))
            parts.append(header("causationid", cause.event_id.encode()))
            traced = cause.traceparent or traceparent
        if traced:
            parts.append(header("traceparent", traced.encode()))
        written.append(headers(parts, envelope.CONSTANT_HEADERS - 1 + len(parts)))
    return written


_ID = header("ce_id", b"0" * 36)[:-36]


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
    for index, moment in enumerate(moments):
        stamp = f"{int(moment.astimezone(UTC).timestamp() * 1000):012x}"
        noise = chance[20 * index : 20 * index + 20]
        variant = "89ab"[int(noise[3], 16) & 3]
        found.append(f"{stamp[:8]}-{stamp[8:]}-7{noise[:3]}-{variant}{noise[4:7]}-{noise[8:20]}")
    return found
