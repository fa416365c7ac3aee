"""A worker with one projection, as a process of its own.

It says `assigned` once it has its share, begins when the file named `gate` is there, and goes on
until it is ended. Arguments: topic, group, gate, database address, broker address.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
import uvloop
from aiokafka import AIOKafkaConsumer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus.access import KafkaAccess
from shared.bus.consume import Consumer
from shared.bus.edge import Edge, Polled
from shared.bus.worker import Worker
from shared.contracts.base import Received
from shared.db import Database
from shared.settings import ServiceSettings
from tests.perf.perf_facts import paid_on

PROJECT = text("""
    INSERT INTO paid AS known (pupil_ref, cents, times)
    SELECT * FROM unnest(CAST(:refs AS text[]), CAST(:cents AS bigint[]), CAST(:times AS int[]))
    ON CONFLICT (pupil_ref) DO UPDATE
    SET cents = known.cents + excluded.cents, times = known.times + excluded.times
""")


async def project(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
    """Sums per pupil: one statement for all of them, in the order of the keys."""
    sums: dict[str, tuple[int, int]] = {}
    for received in told:
        cents, times = sums.get(received.fact.pupil_ref, (0, 0))
        sums[received.fact.pupil_ref] = (cents + received.fact.cents, times + 1)
    refs = sorted(sums)
    values = {
        "refs": refs,
        "cents": [sums[ref][0] for ref in refs],
        "times": [sums[ref][1] for ref in refs],
    }
    await session.execute(PROJECT, values)


async def main(topic: str, group: str, gate: str, url: str, bootstrap: str) -> None:
    """Listen behind the gate."""
    kind = paid_on(topic)
    _close(Path(gate))
    settings = ServiceSettings(database_url=url, kafka_bootstrap=bootstrap)
    worker = Worker(
        service="perf",
        consumers=[Consumer(name=group, topics=(kind.topic,), handles={kind: project})],
        database=Database(url, source="/perf/consumer"),
        settings=settings,
        access=KafkaAccess.of(settings),
    )
    running = asyncio.create_task(worker.run(asyncio.Event()))
    while await worker.ready() and not running.done():
        await asyncio.sleep(0.05)
    typer.echo("assigned")
    await running


def _close(gate: Path) -> None:
    """Nothing is polled before the gate is open, so that two processes begin together."""
    poll = Edge.poll

    async def gated(edge: Edge, consumer: AIOKafkaConsumer) -> Polled:
        while not gate.exists():
            await asyncio.sleep(0.01)
        return await poll(edge, consumer)

    Edge.poll = gated  # type: ignore  # only here, to begin at one moment


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
