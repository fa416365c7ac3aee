"""The relay's producer: one record batch per partition, all acknowledged or the producer goes.

Kept small so that another client library could stand behind it. A producer that failed once is
never used again: what it still holds would be sent twice, later.
"""

import asyncio
import contextlib
import zlib

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from shared.bus.access import KafkaAccess
from shared.bus.record_batch import RecordBatch

BATCH_BYTES_MAX = 950_000
REQUEST_BYTES_MAX = 1_048_576
REQUEST_MS_MAX = 30_000
RETRY_MS = 100
START_SECONDS_MAX = 10
SEND_SECONDS_MAX = 10
STOP_SECONDS_MAX = 2

REFUSALS = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTopicError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
"""Answers of the broker that no further attempt will change."""


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key: CRC-32 modulo, as librdkafka's `consistent` partitioner does."""
    return zlib.crc32(key) % partitions


class Shares:
    """One turn's records, gathered into one record batch per topic and partition."""

    def __init__(self, stamp_ms: int) -> None:
        self._stamp_ms = stamp_ms
        self.batches: dict[tuple[str, int], RecordBatch] = {}

    def batch(self, topic: str, partition: int) -> RecordBatch:
        """The batch of one partition."""
        place = (topic, partition)
        found = self.batches.get(place)
        if found is None:
            found = self.batches[place] = RecordBatch(self._stamp_ms, BATCH_BYTES_MAX)
        return found


class TurnProducer:
    """An idempotent producer that sends a turn whole, or is thrown away."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    @classmethod
    async def started(cls, access: KafkaAccess) -> "TurnProducer":
        """A new one, connected; raises KafkaError or TimeoutError."""
        producer = AIOKafkaProducer(
            **access.client_options(),
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES_MAX,
            max_request_size=REQUEST_BYTES_MAX,
            request_timeout_ms=REQUEST_MS_MAX,
            retry_backoff_ms=RETRY_MS,
        )
        turn_producer = cls(producer)
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                await producer.start()
        except BaseException:
            await turn_producer.discard()
            raise
        return turn_producer

    def partitions_known(self, topic: str) -> int:
        """How many partitions a topic has; 0 where it has not been asked for yet."""
        return len(self._producer.client.cluster.partitions_for_topic(topic) or ())

    async def ask_partitions(self, topic: str) -> int:
        """The same from the cluster; raises TimeoutError where the topic does not appear."""
        async with asyncio.timeout(SEND_SECONDS_MAX):
            return len(await self._producer.partitions_for(topic))

    async def send(self, shares: Shares) -> None:
        """Send all batches and wait until every one is acknowledged by all replicas in sync."""
        async with asyncio.timeout(SEND_SECONDS_MAX):
            sent = [
                await self._producer.send_batch(batch, topic, partition=partition)
                for (topic, partition), batch in shares.batches.items()
            ]
            await asyncio.gather(*sent)

    async def discard(self) -> None:
        """End it within seconds, its sender too, whatever state the broker is in."""
        producer = self._producer
        steps = (producer.stop, producer._sender.close, producer.client.close)  # noqa: SLF001 - stop() alone leaves the sender sending
        # Cut short, stop() leaves the sender running; a late sender sends a turn again.
        for step in steps:
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await asyncio.wait_for(step(), STOP_SECONDS_MAX)
