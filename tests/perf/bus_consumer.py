"""How fast facts are heard: one projection in one process and in two, and a bare loop."""

import asyncio
import contextlib
import secrets
import time

import asyncpg
from aiokafka import AIOKafkaConsumer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.bus.tables import create_bus_tables
from tests.perf.bus_relay import ROWS, full_topic
from tests.perf.ground import BUILD, Ground, plain, said
from tests.perf.registry import Figure, benchmark
from tests.perf.usual_design import usual_facts_per_s

RUNS = 3
TABLE = "CREATE TABLE paid (pupil_ref text PRIMARY KEY, cents bigint NOT NULL, times int NOT NULL)"
USUAL = "facts/s of the usual design"


@benchmark("consumer_facts_per_s", "consumer2_facts_per_s", "bare_consumer_facts_per_s")
async def consumers(ground: Ground) -> list[Figure]:
    """The best of three runs each over 200 000 facts."""
    usual = await ground.once("usual design", usual_facts_per_s)
    topic = await full_topic(ground)
    bare = max([await _bare(ground, topic) for _ in range(RUNS)])
    one = max([await _listen(ground, topic, processes=1) for _ in range(RUNS)])
    two = max([await _listen(ground, topic, processes=2) for _ in range(RUNS)])
    return [
        Figure("consumer_facts_per_s", one, "facts/s", usual, USUAL, goal=30_000),
        Figure("consumer2_facts_per_s", two, "facts/s", usual, USUAL, goal=50_000),
        Figure("bare_consumer_facts_per_s", bare, "facts/s", usual, USUAL),
    ]


async def _bare(ground: Ground, topic: str) -> float:
    """Read and throw away."""
    reader = AIOKafkaConsumer(
        topic,
        bootstrap_servers=ground.bootstrap,
        auto_offset_reset="earliest",
        group_id=f"bare-{secrets.token_hex(3)}",
    )
    await reader.start()
    count, began = 0, 0.0
    while count < ROWS:
        polled = await reader.getmany(timeout_ms=1_000, max_records=2_000)
        began = began or time.perf_counter()
        count += sum(map(len, polled.values()))
    seconds = time.perf_counter() - began
    await reader.stop()
    return count / seconds


async def _listen(ground: Ground, topic: str, *, processes: int) -> float:
    """Facts per second from the opened gate to the last one projected and committed."""
    url = await ground.database("consumer")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(create_bus_tables)
        await connection.execute(text(TABLE))
    await engine.dispose()
    group, gate = f"paid-{secrets.token_hex(3)}", BUILD / f"gate-{secrets.token_hex(3)}"
    arguments = (topic, group, str(gate), url, ground.bootstrap)
    async with contextlib.AsyncExitStack() as stack:
        children = [
            await stack.enter_async_context(ground.process("tests.perf.bus_process", *arguments))
            for _ in range(processes)
        ]
        while not all(said(child, "assigned") for child in children):
            await asyncio.sleep(0.05)
        await asyncio.sleep(2)  # The last rebalance is over, and everybody has its share.
        watch = await asyncpg.connect(plain(url))
        gate.touch()
        began = time.perf_counter()
        while await watch.fetchval("SELECT coalesce(sum(times), 0) FROM paid") < ROWS:
            await asyncio.sleep(0.05)
            [said(child, "") for child in children]
        seconds = time.perf_counter() - began
        await watch.close()
    gate.unlink()
    return ROWS / seconds
