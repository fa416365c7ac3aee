"""How fast a nation that lost everything has its cells again: it hears all aggregates anew."""

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from itertools import product

import asyncpg
from sqlalchemy import text

from deploy.local.processes import free_port
from services.reporting.app import SERVICE
from services.reporting.domain import Cell, Level
from services.reporting.measures import COMPENSATIONS
from shared.bus import envelope
from shared.bus.access import KafkaAccess
from shared.bus.outbox import publish
from shared.bus.producer import Shares, TurnProducer, partition_of
from shared.contracts.identification import REGISTERS
from shared.contracts.reporting import AGGREGATES, AggregateCounted
from shared.db import Database
from shared.service import migrate
from shared.settings import ServiceSettings
from tests.bus_world import NOON, create_topic
from tests.perf.ground import Ground, plain, said, until
from tests.perf.registry import Figure, benchmark

SCHOOLS, TOWNS = 600, 43
MONTHS = [f"{year}-{month:02d}" for year in range(2017, 2024) for month in range(1, 13)]
TOLD_TIMES = 10
"""Money of a month is told while the month is worked on: each of its counts about so often."""
FACTS = 5_000_000
EPOCH, STAMP_MS = 1_700_000_000_000, 1_700_000_000_000
PROCESSES = 2
MEASURES = ("settled_cents", "settled_esf_cents")
TURN_RECORDS = 4_000
REACHED = "SELECT coalesce(sum(position), 0) FROM positions WHERE topic = 'reporting.aggregates.v1'"
KEPT = "SELECT sum(version) FROM national_cells"
"""Versions count the facts about a cell, so together they are as many as there are facts."""


@benchmark("national_rebuild_5m_s")
async def national_rebuild(ground: Ground) -> list[Figure]:
    """From the start of two empty national processes to the last of five million facts kept."""
    for topic in (AGGREGATES, REGISTERS):
        # The facts bear an old stamp, and the broker must not throw them away for it.
        await create_topic(ground.bootstrap, topic, **{"retention.ms": "-1"})
    url = await ground.database("national")
    await migrate(SERVICE, url)
    await _fill(ground.bootstrap, url, FACTS)
    began = time.perf_counter()
    async with contextlib.AsyncExitStack() as stack:
        children = [
            await stack.enter_async_context(
                ground.process("services.reporting", "worker", **_environment(ground, url))
            )
            for _ in range(PROCESSES)
        ]
        watch = await asyncpg.connect(plain(url))

        async def all_kept() -> bool:
            assert all(not said(child, "no such word") for child in children)
            return bool(await watch.fetchval(REACHED) >= FACTS)

        seconds = await until(all_kept, seconds=600, every=0.2) - began
        assert await watch.fetchval(KEPT) == FACTS, "something is missing"
        await watch.close()
    return [Figure("national_rebuild_5m_s", seconds, "s", goal=60, less_is_better=True)]


def _environment(ground: Ground, url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "KAFKA_BOOTSTRAP": ground.bootstrap,
        "LEVEL": "national",
        "PORT": str(free_port()),
    }


async def _fill(bootstrap: str, url: str, count: int) -> None:
    """Write so many aggregates as a relay would, in its record batches."""
    settings = ServiceSettings(database_url=url, kafka_bootstrap=bootstrap)
    database = Database(url, source="/reporting/perf")
    producer = await TurnProducer.started(KafkaAccess.of(settings))
    await producer.ask_partitions(AGGREGATES.name)
    shares, number = Shares(STAMP_MS), 0
    async for key, headers, value in _told(database, count):
        number += 1
        batch = shares.batch(AGGREGATES.name, partition_of(key, AGGREGATES.partitions))
        fits = batch.append(key, value, headers, envelope.written_sequence(EPOCH, number))
        assert fits, "a turn is too large"
        if number % TURN_RECORDS == 0 or number == count:
            await producer.send(shares)
            shares = Shares(STAMP_MS)
    await producer.discard()
    await database.close()


async def _told(database: Database, count: int) -> AsyncIterator[tuple[bytes, bytes, bytes]]:
    """Key, headers and value of facts: month after month, each count told again as it grows."""
    left = count
    for month in MONTHS:
        if not left:
            return
        written = await _written(database, month)
        for version in range(1, TOLD_TIMES + 1):
            for key, headers, value in written[:left]:
                yield key, headers, value % (1_000 * version, version, version)
            left -= min(left, len(written))


async def _written(database: Database, month: str) -> Sequence[tuple[bytes, bytes, bytes]]:
    """The counts of a month, written by an outbox; value, version and count are still open."""
    facts = [_fact(month, *one) for one in product(range(SCHOOLS), COMPENSATIONS[:5], MEASURES)]
    async with database.transaction() as session:
        await publish(session, facts, at=NOON)
        rows = (await session.execute(text("DELETE FROM outbox RETURNING *"))).all()
    return [
        (
            row.part_key.encode(),
            row.headers,
            row.payload.replace(b'"value":0', b'"value":%d')
            .replace(b'"version":1', b'"version":%d')
            .replace(b'"count_no":1', b'"count_no":%d'),
        )
        for row in rows
    ]


def _fact(month: str, school: int, support_type: str, measure: str) -> AggregateCounted:
    town = f"900000{school % TOWNS:05d}"
    level = Level.SCHOOL.value
    cell = Cell(
        level, town, town, f"school-{school}", f"{month}m", measure, f"support_type={support_type}"
    )
    return AggregateCounted(
        aggregate_key=cell.key,
        partner=town,
        municipality_id=town,
        school_id=cell.school_id,
        level=level,
        period=cell.period,
        measure=measure,
        cut=(("support_type", support_type),),
        value=0,
        version=1,
        count_no=1,
    )
