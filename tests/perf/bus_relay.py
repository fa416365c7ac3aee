"""How fast the relay empties an outbox, and a topic full of facts for who measures listening."""

import asyncio
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared import metrics
from shared.bus.access import KafkaAccess
from shared.bus.outbox import publish
from shared.bus.progress import Progress
from shared.bus.relay import Relay
from shared.bus.tables import create_bus_tables
from shared.db import Database
from tests.bus_world import NOON
from tests.perf.ground import Ground
from tests.perf.perf_facts import paid_on, some
from tests.perf.registry import Figure, benchmark

ROWS = 200_000
AT_ONCE = 5_000
RUNS = 3


@benchmark("relay_rows_per_s")
async def relay(ground: Ground) -> list[Figure]:
    """The best of three runs over 200 000 rows with full envelopes."""
    best = max([(await _send(ground))[1] for _ in range(RUNS)])
    return [Figure("relay_rows_per_s", best, "rows/s", goal=50_000)]


async def full_topic(ground: Ground) -> str:
    """The name of a topic with 200 000 facts in it."""
    return (await ground.once("full topic", _send))[0]


async def _send(ground: Ground) -> tuple[str, float]:
    """Fill an outbox and let a relay send it; gives the topic and rows per second."""
    topic = await ground.topic("paid")
    url = await ground.database("relay")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(create_bus_tables)
    await engine.dispose()
    database = Database(url, source="/perf/relay")
    kind = paid_on(topic)
    for first in range(0, ROWS, AT_ONCE):
        async with database.transaction() as session:
            await publish(session, some(kind, first, AT_ONCE), at=NOON)
    async with database.transaction() as session:
        await session.execute(text("ANALYZE outbox"))
    sending = Relay(database, KafkaAccess(ground.bootstrap), Progress())
    before = metrics.RELAY_ROWS._value.get()
    began = time.perf_counter()
    task = asyncio.create_task(sending.run())
    while metrics.RELAY_ROWS._value.get() - before < ROWS and not task.done():
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - began
    sending.stop()
    await task
    await database.close()
    return topic, ROWS / seconds
