"""The last number heard from every sender, moved in the transaction of the effect.

One small row per consumer, source, topic and partition; nothing grows and nothing is purged.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus.hearing import Number, Place

_LOCK = text("""
    SELECT last.source, last.topic, last.part, last.epoch, last.n
    FROM last_sequence AS last
    JOIN unnest(CAST(:sources AS text[]), CAST(:topics AS text[]), CAST(:parts AS int[]))
        AS heard (source, topic, part) USING (source, topic, part)
    WHERE last.consumer = :consumer
    ORDER BY last.source, last.topic, last.part
    FOR UPDATE OF last
""")
_BEGIN = text("""
    INSERT INTO last_sequence (consumer, source, topic, part, epoch, n)
    SELECT :consumer, source, topic, part, 0, 0
    FROM unnest(CAST(:sources AS text[]), CAST(:topics AS text[]), CAST(:parts AS int[]))
        AS heard (source, topic, part)
    ORDER BY source, topic, part
    ON CONFLICT DO NOTHING
""")
_MOVE = text("""
    UPDATE last_sequence AS last SET epoch = heard.epoch, n = heard.n
    FROM unnest(CAST(:sources AS text[]), CAST(:topics AS text[]), CAST(:parts AS int[]),
                CAST(:epochs AS bigint[]), CAST(:ns AS bigint[]))
        AS heard (source, topic, part, epoch, n)
    WHERE last.consumer = :consumer AND last.source = heard.source
      AND last.topic = heard.topic AND last.part = heard.part
""")


async def lock_sequences(
    session: AsyncSession, consumer: str, places: Collection[Place]
) -> dict[Place, Number]:
    """The last number of each place, its row locked; a row that is not there cannot be locked."""
    if not places:
        return {}
    names = {"consumer": consumer, **_columns(places)}
    found = await _lock(session, names)
    if len(found) < len(places):
        await session.execute(_BEGIN, names)
        found = await _lock(session, names)
    return found


async def move_sequences(
    session: AsyncSession, consumer: str, reached: Mapping[Place, Number]
) -> None:
    """Everything up to these numbers is heard."""
    if not reached:
        return
    epochs = [epoch for epoch, _ in reached.values()]
    numbers = [n for _, n in reached.values()]
    names = {"consumer": consumer, **_columns(reached), "epochs": epochs, "ns": numbers}
    await session.execute(_MOVE, names)


async def _lock(session: AsyncSession, names: Mapping[str, object]) -> dict[Place, Number]:
    rows = await session.execute(_LOCK, names)
    return {(source, topic, part): (epoch, n) for source, topic, part, epoch, n in rows}


def _columns(places: Collection[Place]) -> dict[str, list[str] | list[int]]:
    return {
        "sources": [source for source, _, _ in places],
        "topics": [topic for _, topic, _ in places],
        "parts": [part for _, _, part in places],
    }
