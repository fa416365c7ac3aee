"""A worker at work, and waiting for what it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.bus.access import KafkaAccess
from shared.bus.consume import Consumer
from shared.bus.worker import Worker
from shared.db import Database
from tests.bus_world import rows, settings_for


@asynccontextmanager
async def working(
    database: Database, bootstrap: str, *consumers: Consumer, **settings: Any
) -> AsyncIterator[Worker]:
    """A worker with its consumers assigned; stopped in good order at the end."""
    jobs = settings.pop("jobs", ())
    known = settings_for(database.url, bootstrap, **settings)
    worker = Worker(
        service="tests",
        consumers=consumers,
        database=database,
        settings=known,
        access=KafkaAccess.of(known),
        jobs=jobs,
    )
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        async with asyncio.timeout(20):
            while await worker.ready() and not task.done():
                await asyncio.sleep(0.02)
        yield worker
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def until(database: Database, query: str, expected: Any, *, seconds: float = 20) -> None:
    """Wait until a query gives one value."""
    found: Any = None
    try:
        async with asyncio.timeout(seconds):
            while found != expected:
                await asyncio.sleep(0.02)
                (row,) = await rows(database, f"SELECT ({query}) AS found")
                found = row["found"]
    except TimeoutError:
        raise AssertionError(f"{query}: {found} instead of {expected}") from None


async def counted(database: Database, expected: int) -> None:
    await until(database, "SELECT coalesce(sum(total), 0)::int FROM things", expected)
