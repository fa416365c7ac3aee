"""Runs the parts of a service in one process and ends all of them when one ends."""

import asyncio
import signal
from collections.abc import Coroutine
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn
import uvloop

from shared import health
from shared.bus.access import KafkaAccess
from shared.bus.relay import notify_others
from shared.bus.worker import Worker
from shared.db import Database
from shared.interpreter import suit_batches
from shared.settings import ServiceSettings

if TYPE_CHECKING:
    from shared.service import Service

STOP_SECONDS_MAX = 20
log = structlog.get_logger(__name__)


class Part(StrEnum):
    """What a process does."""

    WEB = "web"
    WORKER = "worker"


def start(service: "Service", settings: ServiceSettings, parts: frozenset[Part]) -> int:
    """Run in this process until a signal comes; gives the exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run(service, settings, parts))


async def run(service: "Service", settings: ServiceSettings, parts: frozenset[Part]) -> int:
    """Run until a signal comes (exit code 0) or a part fails (1)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    database = service.database(settings)
    try:
        return await _until_stopped(_parts(service, settings, database, parts, stop), stop)
    finally:
        await database.close()


def _parts(
    service: "Service",
    settings: ServiceSettings,
    database: Database,
    parts: frozenset[Part],
    stop: asyncio.Event,
) -> list[Coroutine[Any, Any, None]]:
    """The coroutines of the parts; a web alone rings the relay of another process."""
    found: list[Coroutine[Any, Any, None]] = []
    checks = health.Checks(ready=(_database_answers(database),))
    if Part.WORKER in parts:
        worker = Worker(
            service=service.name,
            consumers=[c for c in service.all_consumers if c.where(settings)],
            jobs=service.all_jobs,
            database=database,
            settings=settings,
            access=KafkaAccess.of(settings),
        )
        found.append(worker.run(stop))
        checks = health.Checks(live=(worker.live,), ready=(*checks.ready, worker.ready))
    else:
        found.append(notify_others(database))
    found.append(_serve(service, settings, database, checks, stop))
    return found


def _database_answers(database: Database) -> health.Check:
    """A check of the database."""

    async def check() -> dict[str, str]:
        try:
            async with asyncio.timeout(3):
                await database.ping()
        except Exception as error:
            return {"database": type(error).__name__}
        return {}

    return check


async def _serve(
    service: "Service",
    settings: ServiceSettings,
    database: Database,
    checks: health.Checks,
    stop: asyncio.Event,
) -> None:
    """Answer HTTP until told to stop."""
    app = service.web(settings, database)
    app.include_router(health.router(checks))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=STOP_SECONDS_MAX,
    )
    server = uvicorn.Server(config)
    suit_batches()
    serving = asyncio.create_task(server._serve())  # noqa: SLF001 - serve() would take our signals
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving


async def _until_stopped(parts: list[Coroutine[Any, Any, None]], stop: asyncio.Event) -> int:
    """Wait for the signal or the first part that ends; then end all."""
    tasks = [asyncio.create_task(part) for part in parts]
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({*tasks, waiting}, return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in done if task is not waiting and task.exception() is not None]
    for task in failed:
        log.error("part failed", exc_info=task.exception())
    stop.set()
    waiting.cancel()
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS_MAX)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return 1 if failed else 0
