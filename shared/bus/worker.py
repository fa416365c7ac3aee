"""A worker: relay, consumers and jobs of one service in one process, and how well they are.

Alive is what goes round: a loop without a turn for a minute, or an event loop that wakes late,
is restarted by the platform. Whether the broker can be reached is not looked at: a group right
that was revoked never comes back to a living consumer, and an outage passes.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
from faststream.kafka import KafkaBroker
from sqlalchemy import text

from shared import metrics
from shared.bus.access import KafkaAccess
from shared.bus.apply import Applier
from shared.bus.consume import Consumer
from shared.bus.edge import Edge
from shared.bus.progress import Progress
from shared.bus.relay import Relay
from shared.clock import programme_now, ticks
from shared.db import Database
from shared.interpreter import suit_batches
from shared.jobs import Job
from shared.settings import ServiceSettings

START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 12
GRACEFUL_SECONDS_MAX = 10
SILENCE_SECONDS_MAX = 60
LATE_SECONDS_MAX = 5
MEASURE_SECONDS = 5
METADATA_MS_MAX = 5_000
OUTBOX_COUNTED_MAX = 100_000

_OUTBOX = text("""
    SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT :most) AS counted),
           coalesce(extract(epoch FROM clock_timestamp() - (
               SELECT created_at FROM outbox ORDER BY id LIMIT 1)), 0)
""")
_PARKED = text("SELECT consumer, count(*) AS keys_parked FROM parked_keys GROUP BY consumer")
_log = structlog.get_logger(__name__)


class Worker:
    """Everything of a service that runs without being asked."""

    def __init__(
        self,
        *,
        service: str,
        consumers: Sequence[Consumer],
        database: Database,
        settings: ServiceSettings,
        access: KafkaAccess,
        jobs: Sequence[Job] = (),
    ) -> None:
        """Nothing runs before `run`."""
        self._database = database
        self._settings = settings
        self._jobs = jobs
        self._progress = Progress()
        self._relay = Relay(database, access, self._progress, name=settings.instance)
        self._edges = [self._edge(service, consumer) for consumer in consumers]
        self._broker = KafkaBroker(
            access.servers,
            security=access.security(),
            apply_types=False,
            logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG,
            allow_auto_create_topics=False,
            graceful_timeout=GRACEFUL_SECONDS_MAX,
            metadata_max_age_ms=METADATA_MS_MAX,
        )
        self._started = False

    async def run(self, stop: asyncio.Event) -> None:
        """Run until told to stop; raises what ended a loop that must not end."""
        for edge in self._edges:
            edge.listen(self._broker, self._settings.instance)
        loops: list[Coroutine[Any, Any, None]] = [self._relay.run(), self._measure(), self._watch()]
        loops += [self._repeat(job) for job in self._jobs]
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                await self._broker.start()
            self._started = True
            suit_batches()
            stopping = asyncio.create_task(stop.wait())
            done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            for task in done - {stopping}:
                task.result()
        finally:
            await self._end(tasks)

    async def live(self) -> dict[str, str]:
        """Loops that stand still; empty when all go round."""
        late = {
            loop: f"no turn for {age:.0f} s"
            for loop, age in self._progress.ages().items()
            if age > SILENCE_SECONDS_MAX
        }
        lag = self._progress.lag_seconds
        return late | ({"event-loop": f"{lag:.1f} s late"} if lag > LATE_SECONDS_MAX else {})

    async def ready(self) -> dict[str, str]:
        """What is missing to do the work: database, assignment, or a person's look."""
        faults = dict(self._progress.stops())
        if not self._started:
            faults["broker"] = "not connected yet"
        for edge in self._edges:
            if not edge.assigned:
                faults.setdefault(edge.group, "no assignment yet")
        try:
            async with asyncio.timeout(3):
                await self._database.ping()
        except Exception as error:  # Whatever it is, we cannot work.
            faults["database"] = type(error).__name__
        return faults

    def _edge(self, service: str, consumer: Consumer) -> Edge:
        group = consumer.group(service, self._settings.cell)
        applier = Applier(
            consumer,
            group,
            self._database,
            serves=self._settings.serves_partner,
            in_a_row_max=self._settings.set_aside_in_a_row_max,
        )
        return Edge(consumer, group, applier, self._progress)

    async def _end(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Hear no more, let the relay finish its turn, then end the rest."""
        try:
            async with asyncio.timeout(STOP_SECONDS_MAX):
                await self._broker.stop()
        except TimeoutError:
            _log.warning("consumers ended in the middle of a batch")
        self._relay.stop()
        await asyncio.wait(tasks[:1], timeout=STOP_SECONDS_MAX)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self, job: Job) -> None:
        """Do a job every so often, in a transaction of its own; a failure waits for next time."""
        while True:
            self._progress.turned(job.name, every_seconds=job.every_seconds)
            try:
                async with self._database.transaction() as session:
                    await job.run(session, programme_now(self._settings.programme_days_behind))
            except Exception as error:  # The next time may go better; the metric tells.
                metrics.JOBS_FAILED.labels(job.name).inc()
                _log.warning("job failed", job=job.name, error=type(error).__name__)
            await asyncio.sleep(job.every_seconds)

    async def _watch(self) -> None:
        """Measure how late the event loop wakes us."""
        while True:
            expected = ticks() + 1
            await asyncio.sleep(1)
            self._progress.lag_seconds = max(0.0, ticks() - expected)
            metrics.EVENT_LOOP_LAG_SECONDS.set(self._progress.lag_seconds)
            for loop, age in self._progress.ages().items():
                metrics.LOOP_AGE_SECONDS.labels(loop).set(age)

    async def _measure(self) -> None:
        """Set the gauges that have to be asked for."""
        while True:
            try:
                await self._measure_once()
            except Exception as error:  # Measuring must not end what is measured.
                _log.info("not measured", error=type(error).__name__)
            await asyncio.sleep(MEASURE_SECONDS)

    async def _measure_once(self) -> None:
        for edge in self._edges:
            edge.measure()
        async with self._database.transaction() as session:
            rows, age = (await session.execute(_OUTBOX, {"most": OUTBOX_COUNTED_MAX})).one()
            parked = {row.consumer: row.keys_parked for row in await session.execute(_PARKED)}
        metrics.OUTBOX_ROWS.set(rows)
        metrics.OUTBOX_OLDEST_SECONDS.set(age)
        for edge in self._edges:
            metrics.PARKED_KEYS.labels(edge.group).set(parked.get(edge.group, 0))
