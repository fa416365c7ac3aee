"""What a benchmark stands on: a database server and a broker, started when first asked for."""

import asyncio
import contextlib
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from deploy.local.kafka import Broker, kafka
from deploy.local.postgres import Postgres, postgres
from deploy.local.processes import ROOT, Child, python_environment
from shared.contracts.base import Topic
from tests.bus_world import create_topic

T = TypeVar("T")
BUILD = ROOT / "build" / "perf"


class Ground:
    """One PostgreSQL and one Kafka for all benchmarks of a run."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._postgres: Postgres | None = None
        self._broker: Broker | None = None
        self._known: dict[str, Any] = {}

    @property
    def postgres(self) -> Postgres:
        """The database server."""
        if self._postgres is None:
            self._postgres = self._stack.enter_context(postgres(BUILD / "postgres.log"))
        return self._postgres

    @property
    def broker(self) -> Broker:
        """The broker; never the mock cluster, whose figures would say nothing."""
        if self._broker is None:
            self._broker = self._stack.enter_context(kafka(BUILD, real=True))
        return self._broker

    @property
    def bootstrap(self) -> str:
        """Where the broker listens."""
        return self.broker.bootstrap

    async def database(self, name: str) -> str:
        """A new empty database; gives its address."""
        return await self.postgres.create_database(f"{name}_{secrets.token_hex(3)}")

    async def topic(self, about: str, *, partitions: int = 6) -> str:
        """A new empty topic; gives its name."""
        name = f"perf.{about}-{secrets.token_hex(3)}.v1"
        topic = Topic(name, owner="perf", about=about, key="key", partitions=partitions)
        await create_topic(self.bootstrap, topic)
        return name

    @contextlib.asynccontextmanager
    async def process(
        self, module: str, *arguments: str, **environment: str
    ) -> AsyncIterator[Child]:
        """A Python process of ours, ended afterwards; what it says is in `build/perf`."""
        log = BUILD / f"{module.rsplit('.', 1)[-1]}-{secrets.token_hex(3)}.log"
        command = [sys.executable, "-m", module, *arguments]
        child = Child(module, command, log=log, environment=python_environment(**environment))
        try:
            yield child
        finally:
            child.kill()

    async def once(self, what: str, measure: Callable[["Ground"], Awaitable[T]]) -> T:
        """Something several benchmarks need, measured by the first that asks."""
        if what not in self._known:
            self._known[what] = await measure(self)
        found: T = self._known[what]
        return found

    def close(self) -> None:
        """End what was started."""
        self._stack.close()


async def until(
    condition: Callable[[], Awaitable[bool]], *, seconds: float = 120, every: float = 0.02
) -> float:
    """Wait until a condition holds; gives the moment, in seconds of the process's clock."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(every)
    return time.perf_counter()


async def value(connection: asyncpg.Connection, query: str) -> Any:
    """The one value a query gives."""
    return await connection.fetchval(query)


def plain(url: str) -> str:
    """An address as asyncpg reads it."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def said(child: Child, word: str) -> bool:
    """Whether a process has said a word; raises with its last lines where it has ended."""
    if not child.running:
        raise RuntimeError(f"{child.name} ended:\n{child.last_lines()}")
    return word in Path(child.log).read_text(errors="replace")
