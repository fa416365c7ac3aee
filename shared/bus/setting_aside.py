"""Write what cannot be applied into the service's own `dead_letters`, in the same transaction.

No second system and no dual write: the row and the number behind it are committed together.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import VERSION
from shared.bus import envelope
from shared.bus.hearing import Heard, SetAside
from shared.bus.tables import REASON_CHARACTERS_MAX

PARKED = "parked"

_PARKED_KEYS = text("""
    SELECT part_key FROM parked_keys WHERE consumer = :consumer ORDER BY part_key FOR SHARE
""")
_SET_ASIDE = text("""
    INSERT INTO dead_letters (consumer, topic, part, position, told_at, source, sequence, ce_id,
                              ce_type, part_key, headers, value, stage, reason, service_version)
    VALUES (:consumer, :topic, :part, :position, to_timestamp(:told_ms / 1000.0), :source,
            :sequence, :ce_id, :ce_type, :part_key, CAST(:headers AS jsonb), :value, :stage,
            :reason, :service_version)
    ON CONFLICT ON CONSTRAINT dead_letters_once DO NOTHING
    RETURNING id
""")
_PARK = text("""
    INSERT INTO parked_keys (consumer, part_key, since) VALUES (:consumer, :part_key, :since)
    ON CONFLICT DO NOTHING
""")
_KNOWN = text("""
    SELECT dead.topic, dead.part, dead.position
    FROM dead_letters AS dead
    JOIN unnest(CAST(:topics AS text[]), CAST(:parts AS int[]), CAST(:firsts AS bigint[]),
                CAST(:lasts AS bigint[])) AS heard (topic, part, first, last)
        USING (topic, part)
    WHERE dead.consumer = :consumer AND dead.position BETWEEN heard.first AND heard.last
""")


async def parked_keys(session: AsyncSession, consumer: str) -> set[str]:
    """The keys whose facts wait; held until the transaction ends, so that none is released."""
    return set((await session.execute(_PARKED_KEYS, {"consumer": consumer})).scalars())


async def known_positions(
    session: AsyncSession, consumer: str, heard: Sequence[Heard]
) -> set[tuple[str, int, int]]:
    """Which records between the first and the last of these were set aside before.

    Gives (topic, partition, offset).
    """
    offsets: dict[tuple[str, int], list[int]] = {}
    for one in heard:
        record = one.record
        offsets.setdefault((record.topic, record.partition), []).append(record.offset)
    names = {
        "consumer": consumer,
        "topics": [topic for topic, _ in offsets],
        "parts": [part for _, part in offsets],
        "firsts": [min(of_place) for of_place in offsets.values()],
        "lasts": [max(of_place) for of_place in offsets.values()],
    }
    return {(topic, part, at) for topic, part, at in await session.execute(_KNOWN, names)}


async def set_aside(
    session: AsyncSession, consumer: str, aside: Sequence[SetAside], *, parks: bool
) -> None:
    """Write the rows, in order; with `parks` their keys are parked behind the first of them."""
    for one in aside:
        written = await session.execute(_SET_ASIDE, _row(consumer, one))
        letter = written.scalar()
        if parks and letter is not None and one.stage != PARKED and one.heard.is_parkable:
            await session.execute(
                _PARK, {"consumer": consumer, "part_key": one.heard.key, "since": letter}
            )


def _row(consumer: str, aside: SetAside) -> dict[str, Any]:
    """A record as received, with the reason why it is not applied."""
    record, headers = aside.heard.record, aside.heard.headers
    return {
        "consumer": consumer,
        "topic": record.topic,
        "part": record.partition,
        "position": record.offset,
        "told_ms": record.timestamp,
        "source": _text(headers.get("ce_source")),
        "sequence": _text(headers.get(envelope.SEQUENCE)),
        "ce_id": _text(headers.get("ce_id")),
        "ce_type": _text(headers.get("ce_type")),
        "part_key": aside.heard.key,
        "headers": json.dumps([[name, _base64(value)] for name, value in record.headers]),
        "value": record.value,
        "stage": aside.stage,
        "reason": aside.reason[:REASON_CHARACTERS_MAX],
        "service_version": VERSION,
    }


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _text(value: bytes | None) -> str | None:
    """A header as text, whatever is in it, without the one character the database refuses."""
    return None if value is None else value.decode("utf-8", "replace").replace("\0", "�")
