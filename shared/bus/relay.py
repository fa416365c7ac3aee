"""Send what the outbox holds: number a turn, send it whole, forget it.

A number is written down before its first sending and never changes, whoever sends it; a turn is
numbered only after the one before was acknowledged. So the log of a partition may hold
repetitions but never another order, and "greater than the last heard" is exactly once.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from shared import metrics
from shared.bus import envelope, relay_rows
from shared.bus.access import KafkaAccess
from shared.bus.producer import REFUSALS, Shares, TurnProducer, partition_of
from shared.bus.progress import Progress
from shared.bus.relay_rows import Lead, LeadLost, Numbered
from shared.clock import now
from shared.db import Database

LOOP = "relay"
LOOK_SECONDS_MAX = 1.0
FORGET_SECONDS = 0.1
BACKOFF_SECONDS_MIN = 0.1
BACKOFF_SECONDS_MAX = 2.0
LEAVE_SECONDS_MAX = 2.0
COALESCE_SECONDS = 0.01

_log = structlog.get_logger(__name__)


class RelayRefused(Exception):
    """The broker refuses for good what stands first in the outbox; a person must look."""


@dataclass(frozen=True)
class _Packed:
    """A turn ready to be sent: its numbers and its record batches."""

    numbered: Numbered
    shares: Shares
    more: bool


class Relay:
    """The relay of one database; of several only the leader sends, the others stand by."""

    def __init__(
        self, database: Database, access: KafkaAccess, progress: Progress, *, name: str = ""
    ) -> None:
        """`name` is the stable name of the process, where it has one."""
        self._database = database
        self._access = access
        self._name = name or secrets.token_hex(8)
        self._progress = progress
        self._connection: asyncpg.Connection | None = None
        self._producer: TurnProducer | None = None
        self._lead: Lead | None = None
        self._sent: Sequence[int] = ()
        self._ahead: _Packed | None = None
        self._backoff = BACKOFF_SECONDS_MIN
        self._stopping = False

    async def run(self) -> None:
        """Send until stopped; raises RelayRefused where going on would never help."""
        try:
            while not self._stopping:
                self._progress.turned(LOOP)
                await self._try_turn()
            await self._leave()
        finally:
            await self._start_over()

    def stop(self) -> None:
        """Leave after the turn that is under way."""
        self._stopping = True
        self._database.committed.set()

    async def _try_turn(self) -> None:
        """One turn; after any error nothing is kept and the next one begins from the database."""
        try:
            await self._turn()
            self._backoff = BACKOFF_SECONDS_MIN
        except LeadLost:
            await self._start_over()
            await asyncio.sleep(LOOK_SECONDS_MAX)
        except REFUSALS as refusal:
            raise RelayRefused(f"{type(refusal).__name__}: {refusal}") from refusal
        except (KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as trouble:
            await self._failed(trouble)
            await asyncio.sleep(self._backoff)
            self._backoff = min(self._backoff * 2, BACKOFF_SECONDS_MAX)

    async def _turn(self) -> None:
        """One turn: number, send, remember that it was sent; waits where nothing is to do."""
        connection = self._connection or await self._connect()
        producer = self._producer or await self._start_producer()
        lead = self._lead or await self._take_lead(connection)
        if lead is None:
            await asyncio.sleep(LOOK_SECONDS_MAX)
            return
        if lead.inherited is not None:
            await self._send_inherited(connection, producer, lead.inherited)
            lead.inherited = None
            return
        packed, self._ahead = self._ahead, None
        if packed is None:
            # Cleared just before looking: what is committed from here on rings again.
            self._database.committed.clear()
            packed = await self._read(connection, producer, lead)
        if packed is not None:
            await self._number_and_send(connection, producer, lead, packed)
            if not packed.more:
                # Nothing waits that we know of. Whatever comes soon is numbered and forgets what
                # was sent by the way; looking and forgetting now would get in its way.
                await self._rung_within(FORGET_SECONDS)
        elif self._sent:
            await relay_rows.forget(connection, lead.epoch, self._sent)
            self._sent = ()
        elif not await self._rung_within(LOOK_SECONDS_MAX):
            await relay_rows.still_lead(connection, lead.epoch)

    async def _number_and_send(
        self, connection: asyncpg.Connection, producer: TurnProducer, lead: Lead, packed: _Packed
    ) -> None:
        """The turn itself; while the broker writes it down the next one is read and packed."""
        numbered = packed.numbered
        await relay_rows.number(connection, numbered, sent=self._sent)
        self._sent = ()
        lead.next_n += len(numbered.ids)
        sending = asyncio.create_task(producer.send(packed.shares))
        try:
            if packed.more:
                self._ahead = await self._read(connection, producer, lead, but=numbered.ids)
        finally:
            await sending
        self._sent = numbered.ids
        metrics.RELAY_ROWS.inc(len(numbered.ids))

    async def _send_inherited(
        self, connection: asyncpg.Connection, producer: TurnProducer, batch: Numbered
    ) -> None:
        """Send what was numbered before us, under the numbers it has; rows buried are left out."""
        rows = await relay_rows.rows_of(connection, batch)
        for topic in sorted({row["topic"] for row in rows}):
            await self._partitions(producer, topic)
        place = {row_id: index for index, row_id in enumerate(batch.ids)}
        numbers = [batch.first_n + place[row["id"]] for row in rows]
        shares, taken = _pack(producer, batch.epoch, rows, numbers)
        if taken != len(rows):
            raise RelayRefused("a batch that was numbered fits into one turn no longer")
        await producer.send(shares)
        self._sent = batch.ids

    async def _read(
        self,
        connection: asyncpg.Connection,
        producer: TurnProducer,
        lead: Lead,
        *,
        but: Sequence[int] = (),
    ) -> _Packed | None:
        """Read what waits and pack as much of it as fits into one turn."""
        rows = await relay_rows.oldest(connection, but=but or self._sent)
        if not rows:
            return None
        numbers = range(lead.next_n, lead.next_n + len(rows))
        shares, taken = _pack(producer, lead.epoch, rows, numbers)
        if not taken:
            await self._partitions(producer, rows[0]["topic"])
            shares, taken = _pack(producer, lead.epoch, rows, numbers)
        ids = [row["id"] for row in rows[:taken]]
        full = taken < len(rows) or len(rows) == relay_rows.ROWS_PER_TURN_MAX
        return _Packed(Numbered(lead.epoch, lead.next_n, ids), shares, more=full)

    async def _partitions(self, producer: TurnProducer, topic: str) -> None:
        """Learn how many partitions a topic has; a topic nobody created holds the relay up."""
        try:
            await producer.ask_partitions(topic)
        except TimeoutError:
            raise OSError(f"the topic {topic} does not exist") from None

    async def _rung_within(self, seconds: float) -> bool:
        """Wait for a commit that published something; False where none came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._database.committed.wait()
        return False

    async def _connect(self) -> asyncpg.Connection:
        self._connection = connection = await relay_rows.connect(self._database.plain_url)
        await connection.add_listener(relay_rows.CHANNEL, self._rung)
        return connection

    async def _start_producer(self) -> TurnProducer:
        self._producer = await TurnProducer.started(self._access)
        return self._producer

    async def _take_lead(self, connection: asyncpg.Connection) -> Lead | None:
        self._lead = await relay_rows.take_lead(connection, self._name)
        return self._lead

    def _rung(self, *_: object) -> None:
        """Another process committed something."""
        self._database.committed.set()

    async def _failed(self, trouble: Exception) -> None:
        metrics.RELAY_TURNS_FAILED.labels(type(trouble).__name__).inc()
        _log.warning("relay turn failed", error=type(trouble).__name__, reason=str(trouble)[:200])
        await self._start_over()

    async def _start_over(self) -> None:
        """Throw away producer, connection and lead; what they hold must not be used again."""
        producer, self._producer = self._producer, None
        connection, self._connection = self._connection, None
        self._lead, self._ahead, self._sent = None, None, ()
        if connection is not None:
            connection.terminate()
        if producer is not None:
            await producer.discard()

    async def _leave(self) -> None:
        """Say that we go, so that nobody has to wait for our silence."""
        if self._connection is not None and self._lead is not None:
            with contextlib.suppress(
                LeadLost, asyncpg.PostgresError, asyncpg.InterfaceError, OSError
            ):
                async with asyncio.timeout(LEAVE_SECONDS_MAX):
                    if self._sent:
                        await relay_rows.forget(self._connection, self._lead.epoch, self._sent)
                    await relay_rows.leave(self._connection, self._lead.epoch)


def _pack(
    producer: TurnProducer, epoch: int, rows: Sequence[Any], numbers: Sequence[int]
) -> tuple[Shares, int]:
    """Rows as record batches, and how many of them, from the first, fit into one turn."""
    shares = Shares(int(now().timestamp() * 1000))
    partitions: dict[str, int] = {}
    for index, (_, topic, part_key, headers, payload) in enumerate(rows):
        count = partitions.get(topic)
        if count is None:
            count = partitions[topic] = producer.partitions_known(topic)
        if not count:
            return shares, index
        key = part_key.encode()
        batch = shares.batch(topic, partition_of(key, count))
        if not batch.append(
            key, payload, headers, envelope.written_sequence(epoch, numbers[index])
        ):
            return shares, index
    return shares, len(rows)


async def notify_others(database: Database) -> None:
    """Tell the relay of another process about commits of this one; for processes without one.

    Coalesced: a NOTIFY inside business transactions would make them queue for one lock of the
    whole database server.
    """
    connection: asyncpg.Connection | None = None
    try:
        while True:
            await database.committed.wait()
            database.committed.clear()
            try:
                if connection is None:
                    connection = await asyncpg.connect(database.plain_url, timeout=5)
                await connection.execute(f"NOTIFY {relay_rows.CHANNEL}")
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                # The relay looks once a second in any case.
                connection = None
            await asyncio.sleep(COALESCE_SECONDS)
    finally:
        if connection is not None:
            connection.terminate()
