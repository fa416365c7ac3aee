"""Whatever is killed or frozen, nothing is lost, doubled or out of order.

Writers say facts about two hundred things in overlapping transactions. Two relays send them, two
workers count them and say them again, two more count the echo. Processes are killed, frozen and
replaced all the time, the broker is frozen and killed now and then. FAULT_SECONDS says how long.
"""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.local.kafka import Broker, kafka
from deploy.local.postgres import Postgres
from deploy.local.processes import ROOT
from shared.bus.outbox import publish
from shared.db import Database
from tests.bus_world import NOON, World, a_database, a_world, create_topic, rows
from tests.faults.crew import Crew, harm_broker

SECONDS = float(os.environ.get("FAULT_SECONDS", "60"))
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.randrange(1, 10**9)
CATCH_UP_SECONDS_MAX = 240
WRITERS = 8
KEYS = 200
_NEXT = text("""
    INSERT INTO things AS t (key, last, total) VALUES (:key, 1, 0)
    ON CONFLICT (key) DO UPDATE SET last = t.last + 1 RETURNING last
""")


@pytest_asyncio.fixture(loop_scope="session")
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker of its own: it is killed and frozen."""
    with kafka(tmp_path, real=True) as opened:
        yield opened


@pytest.mark.needs_real_broker
async def test_nothing_is_lost_doubled_or_out_of_order(broker: Broker, postgres: Postgres) -> None:
    source = await a_database(await postgres.create_database("faults_source"), "/faults/source")
    middle = await a_database(await postgres.create_database("faults_middle"), "/faults/middle")
    end = await a_database(await postgres.create_database("faults_end"), "/faults/end")
    said, echoed = a_world(partitions=6), a_world(partitions=6)
    for world in (said, echoed):
        await create_topic(broker.bootstrap, world.topic)
    crew = _crew(broker.bootstrap, source, middle, end, said, echoed)
    crew.start()
    try:
        written = await _harmed(crew, broker, source, said)
        await _caught_up(crew, source, middle, end, written)
    finally:
        crew.stop()
    report = {
        "seconds": SECONDS,
        "seed": SEED,
        "facts": written,
        "repetitions": await _logged(broker.bootstrap, said, echoed) - 2 * written,
        **crew.done,
        "keys_wrong": await _wrong(source, middle) + await _wrong(source, end),
        "left_in_outbox": len(await rows(source, "SELECT 1 FROM outbox"))
        + len(await rows(middle, "SELECT 1 FROM outbox")),
        "dead_letters": len(await rows(middle, "SELECT 1 FROM dead_letters"))
        + len(await rows(end, "SELECT 1 FROM dead_letters")),
    }
    folder = ROOT / "build" / "faults"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bus.json").write_text(json.dumps(report, indent=1))
    for database in (source, middle, end):
        await database.close()
    assert written > 0 and crew.done["kills"] > 0
    assert (report["keys_wrong"], report["left_in_outbox"], report["dead_letters"]) == (0, 0, 0), (
        report
    )


def _crew(
    bootstrap: str, source: Database, middle: Database, end: Database, said: World, echoed: World
) -> Crew:
    """Two relays, two workers in the middle, two at the end."""
    commands: dict[str, list[str]] = {}
    for n in (0, 1):
        commands[f"relay-{n}"] = [source.url, source.source, bootstrap]
        hears = [said.topic.name, "middle", echoed.topic.name]
        commands[f"middle-{n}"] = [middle.url, middle.source, bootstrap, *hears]
        commands[f"end-{n}"] = [end.url, end.source, bootstrap, echoed.topic.name, "end", "-"]
    return Crew(commands, ROOT / "build" / "faults" / "logs")


async def _harmed(crew: Crew, broker: Broker, source: Database, world: World) -> int:
    """Write while harm is done; gives how many facts were committed."""
    chance = random.Random(SEED)
    await asyncio.sleep(5)
    harm = [asyncio.create_task(crew.harm(chance))]
    if broker.handle is not None:
        harm.append(asyncio.create_task(harm_broker(broker.handle, crew.done, chance)))
    until = asyncio.get_running_loop().time() + SECONDS
    written = await asyncio.gather(
        *[_write(source, world, until, random.Random(SEED + n)) for n in range(WRITERS)]
    )
    for task in harm:
        task.cancel()
    ended = await asyncio.gather(*harm, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended
    return sum(written)


async def _write(source: Database, world: World, until: float, chance: random.Random) -> int:
    """Overlapping transactions: the thing's row first, then, maybe later, what happened to it."""
    written = 0
    while asyncio.get_running_loop().time() < until:
        async with source.transaction() as session:
            await _pause(chance)
            await _count_one(session, world, f"thing-{chance.randrange(KEYS)}", chance)
        written += 1
    return written


async def _count_one(session: AsyncSession, world: World, key: str, chance: random.Random) -> None:
    n = (await session.execute(_NEXT, {"key": key})).scalar_one()
    await _pause(chance)
    await publish(session, [world.counted(thing=key, n=n)], at=NOON)
    await _pause(chance)


async def _pause(chance: random.Random) -> None:
    if chance.random() < 0.2:
        await asyncio.sleep(chance.random() * 0.02)


async def _caught_up(
    crew: Crew, source: Database, middle: Database, end: Database, written: int
) -> None:
    """Wait until all is sent and counted; whoever ends by itself is started again."""
    async with asyncio.timeout(CATCH_UP_SECONDS_MAX):
        while True:
            crew.revive()
            waiting = await rows(source, "SELECT 1 FROM outbox LIMIT 1")
            waiting += await rows(middle, "SELECT 1 FROM outbox LIMIT 1")
            if not waiting and await _total(end) >= written:
                break
            await asyncio.sleep(0.5)
    await asyncio.sleep(3)  # Whatever would still come twice comes now.


async def _total(database: Database) -> int:
    (row,) = await rows(database, "SELECT coalesce(sum(total), 0)::bigint AS total FROM things")
    return int(row["total"])


async def _wrong(source: Database, counted: Database) -> int:
    """How many things were not counted exactly as often as they were written, in order."""
    theirs = {row["key"]: row["last"] for row in await rows(source, "SELECT key, last FROM things")}
    found = await rows(counted, "SELECT key, last, total, out_of_order FROM things")
    ours = {row["key"]: (row["last"], row["total"], row["out_of_order"]) for row in found}
    return sum(ours.get(key) != (last, last, 0) for key, last in theirs.items()) + len(
        ours.keys() - theirs.keys()
    )


async def _logged(bootstrap: str, *worlds: World) -> int:
    """How many records lie in the topics."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await reader.start()
    places = [TopicPartition(w.topic.name, n) for w in worlds for n in range(w.topic.partitions)]
    ends = await reader.end_offsets(places)
    await reader.stop()
    return sum(ends.values())
