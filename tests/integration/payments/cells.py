"""Cells of payments as they really run: a web and a worker process each, on one real broker."""

import asyncio
import contextlib
import random
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from deploy.kafka.topics import create_topics
from deploy.local.processes import Child, free_port, python_environment
from shared.contracts.catalogue import TOPICS
from tests.builders_payments import Payments
from tests.doors import Doors, MakeDoors
from tests.money_facts import pupil

READY_SECONDS_MAX = 60
HEARD_SECONDS_MAX = 90


class Cell(Payments):
    """Payments of one office in processes of its own; its doors are those of the web process."""

    def __init__(self, doors: Doors, *, office: str, school: str, logs: Path) -> None:
        super().__init__(doors, office=office, school=school)
        self._logs = logs
        self._port = free_port()
        self._environment: dict[str, str] = {}
        self._web: Child | None = None
        self._worker: Child | None = None

    @asynccontextmanager
    async def running(self, bootstrap: str, keys: Path) -> AsyncIterator["Cell"]:
        """Its web process; the worker is started by hand. All are gone afterwards."""
        settings = self.doors.settings
        self._environment = python_environment(
            ENVIRONMENT="test",
            DATABASE_URL=settings.database_url,
            KAFKA_BOOTSTRAP=bootstrap,
            CELL=settings.cell,
            SERVES=settings.serves,
            OIDC_ISSUER=settings.oidc_issuer,
            OIDC_JWKS=str(keys),
        )
        in_process = self.doors.client
        self.doors.client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self._port}", timeout=READY_SECONDS_MAX
        )
        try:
            await self.start_web()
            yield self
        finally:
            await self.doors.client.aclose()
            self.doors.client = in_process
            self.kill_worker()
            self.kill_web()

    async def a_plan_with_room(self, cents: int, *, pupil_ref: str | None = None) -> str:
        """A plan for October whose month has all answers of other cells; the worker must run."""
        about = pupil_ref or pupil()
        plan_id = await self.a_plan({"m": ("meals", {"2021-10": cents})}, pupil_ref=about)
        async with asyncio.timeout(HEARD_SECONDS_MAX):
            while (await self.month(about))["awaited"]:
                await asyncio.sleep(0.05)
        return plan_id

    async def start_web(self) -> None:
        """Open its doors, and wait until they answer."""
        self._web = self._start("web", self._port)
        await self._until_ready(self._port, self._web)

    def kill_web(self) -> None:
        """Kill -9 whoever answers for the cell."""
        if self._web is not None:
            self._web.kill()
            self._web = None

    def start_worker(self) -> None:
        """Let the cell tell and hear."""
        self._worker = self._start("worker", free_port())

    def kill_worker(self) -> None:
        """Kill -9 whoever tells and hears for the cell."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _start(self, part: str, port: int) -> Child:
        name = f"{self.doors.settings.cell}-{part}"
        return Child(
            name,
            [sys.executable, "-m", "services.payments", part],
            log=self._logs / f"{name}.log",
            environment=self._environment | {"PORT": str(port), "INSTANCE": name},
        )

    async def _until_ready(self, port: int, process: Child) -> None:
        async with asyncio.timeout(READY_SECONDS_MAX), httpx.AsyncClient() as client:
            while True:
                assert process.running, process.last_lines()
                with contextlib.suppress(httpx.TransportError):
                    answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
                    if answer.status_code == 200:
                        return
                await asyncio.sleep(0.1)


async def harm(cells: list[Cell], chance: random.Random) -> None:
    """Kill workers and start them again, until cancelled."""
    while True:
        await asyncio.sleep(chance.uniform(0.5, 3))
        cell = chance.choice(cells)
        cell.kill_worker()
        cell.start_worker()


@asynccontextmanager
async def running_cells(
    places: Sequence[tuple[str, str, str]],
    service_doors: MakeDoors,
    bootstrap: str,
    keys: Path,
    logs: Path,
) -> AsyncIterator[list[Cell]]:
    """Web processes of cells, named with office and school; each has a database of its own."""
    offices = [office for _, office, _ in places]
    await asyncio.to_thread(create_topics, bootstrap, TOPICS.values(), offices=offices)
    async with AsyncExitStack() as stack:
        cells = []
        for name, office, school in places:
            doors = await service_doors("payments", cell=name, serves=office)
            cell = Cell(doors, office=office, school=school, logs=logs)
            await cell.open()
            cells.append(await stack.enter_async_context(cell.running(bootstrap, keys)))
        yield cells
