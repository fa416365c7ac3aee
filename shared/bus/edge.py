"""The consuming edge on FastStream: poll a batch, apply it, and only then commit its offsets.

Every way out of a batch except success rewinds: a poll that was dropped would be lost for good
once a later record of its partition is applied. Nothing here acknowledges by itself.
"""

import asyncio
import contextlib
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared import metrics
from shared.bus.apply import Applier, NotNow, TooManySetAside
from shared.bus.consume import Consumer
from shared.bus.hearing import Heard, KeptRecord, Record, hear
from shared.bus.progress import Progress
from shared.clock import ticks
from shared.contracts.base import Topic

POLL_MS = 1_000
COMMIT_SECONDS_MAX = 8
SESSION_MS = 10_000
SESSION_STATIC_MS = 30_000
HEARTBEAT_MS = 1_000
REBALANCE_MS = 60_000
BACKOFF_SECONDS_MIN = 0.2
BACKOFF_SECONDS_MAX = 2.0

Polled = dict[TopicPartition, Sequence[Record]]
"""The records of a poll, each partition's in their order."""

_OFFICE = "[0-9]" * 11
_log = structlog.get_logger(__name__)


class Edge:
    """One consumer's place in its Kafka group."""

    def __init__(
        self, consumer: Consumer, group: str, applier: Applier, progress: Progress
    ) -> None:
        """Nothing is polled before `listen`."""
        self.group = group
        # Before the first office there is nothing to be assigned.
        self.assigned = consumer.topics[0].is_pattern
        self._consumer = consumer
        self._applier = applier
        self._progress = progress
        self._subscriber: BatchSubscriber | None = None
        self._stopped = False
        self._applied: dict[TopicPartition, int] = {}
        self._backoff = BACKOFF_SECONDS_MIN
        self._offices = [_pattern(topic) for topic in consumer.topics if topic.is_pattern]

    def listen(self, broker: KafkaBroker, instance: str) -> None:
        """Subscribe; `instance` is the stable name of the process, where it has one."""
        topics = [] if self._offices else [topic.name for topic in self._consumer.topics]
        subscriber = broker.subscriber(
            *topics,
            pattern="|".join(self._offices) or None,
            group_id=self.group,
            group_instance_id=f"{instance}.{self.group}" if instance else None,
            batch=True,
            max_records=self._consumer.records_max,
            batch_timeout_ms=POLL_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            parser=_whole_poll,
            decoder=_poll_itself,
            listener=_Assigned(self),
            partition_assignment_strategy=(StickyPartitionAssignor,),
            # Long sessions only for members that come back under their name: a group waits
            # for whoever vanished until the session ends.
            session_timeout_ms=SESSION_STATIC_MS if instance else SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=REBALANCE_MS,
            title=self.group,
        )
        subscriber(self._on_poll)
        self._subscriber = subscriber
        _EDGES[self.group] = self

    async def poll(self, consumer: AIOKafkaConsumer) -> Polled:
        """The next records of all partitions; maybe none."""
        self._progress.turned(self.group)
        if self._stopped:
            await asyncio.sleep(POLL_MS / 1000)
            return {}
        polled: Polled = await consumer.getmany(
            timeout_ms=POLL_MS, max_records=self._consumer.records_max
        )
        self._progress.turned(self.group)
        return polled

    def joined(self, assigned: Iterable[TopicPartition]) -> None:
        """The group gave this member its share, which may be none."""
        self.assigned = True
        share = set(assigned)
        for place in self._applied.keys() - share:
            metrics.CONSUMER_LAG.remove(self.group, place.topic, str(place.partition))
        self._applied = {place: at for place, at in self._applied.items() if place in share}

    def measure(self) -> None:
        """Set the lag of every partition this member reads and has applied something of."""
        if self._subscriber is None or self._subscriber.consumer is None:
            return
        consumer = self._subscriber.consumer
        for place in consumer.assignment():
            end, applied = consumer.highwater(place), self._applied.get(place)
            if end is not None and applied is not None:
                lag = metrics.CONSUMER_LAG.labels(self.group, place.topic, str(place.partition))
                lag.set(max(0, end - applied))

    async def _on_poll(self, poll: Any) -> None:
        """A poll from FastStream, which would hold its records until the next one has come."""
        polled, consumer = poll
        try:
            await self.handle(polled, consumer)
        finally:
            polled.clear()

    async def handle(self, polled: Polled, consumer: AIOKafkaConsumer) -> None:
        """Apply a poll and commit its offsets, or rewind it."""
        began = ticks()
        try:
            await self._applier.apply_or_split(self._hear(polled))
        except NotNow as reason:
            _log.warning("not now", consumer=self.group, reason=str(reason))
            await self._wait()
            rewind(consumer, polled)
            return
        except TooManySetAside as reason:
            self._stop(str(reason))
            rewind(consumer, polled)
            return
        except BaseException:
            rewind(consumer, polled)
            raise
        self._backoff = BACKOFF_SECONDS_MIN
        offsets = {place: records[-1].offset + 1 for place, records in polled.items()}
        self._applied |= offsets
        await commit_offsets(consumer, offsets)
        metrics.BATCH_SECONDS.labels(self.group).observe(ticks() - began)

    def _hear(self, polled: Polled) -> list[Heard]:
        """All headers; on an office's topic the topic says who speaks."""
        numbered = self._consumer.numbered
        return [
            hear(record, numbered=numbered, office=office)
            for place, records in polled.items()
            for office in [place.topic.split(".")[1] if self._offices else None]
            for record in records
        ]

    def _stop(self, reason: str) -> None:
        """Read no further until somebody looked; the partitions stay ours meanwhile."""
        self._stopped = True
        self._progress.stopped(self.group, f"too many set aside: {reason}")
        _log.error("consumer stopped", consumer=self.group, reason=reason)

    async def _wait(self) -> None:
        await asyncio.sleep(self._backoff * random.uniform(0.5, 1))
        self._backoff = min(self._backoff * 2, BACKOFF_SECONDS_MAX)


def rewind(consumer: AIOKafkaConsumer, polled: Polled) -> None:
    """Let the next poll begin where this one did."""
    for place, records in polled.items():
        # A partition that has moved away starts at the committed offset with its new owner.
        with contextlib.suppress(IllegalStateError):
            consumer.seek(place, records[0].offset)


async def commit_offsets(consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> None:
    """Tell Kafka how far we are; where that fails, last_sequence skips what is read again."""
    try:
        async with asyncio.timeout(COMMIT_SECONDS_MAX):
            await consumer.commit(offsets)
    except (CommitFailedError, IllegalStateError):
        _log.info("commit refused: a partition has moved")
    except (KafkaError, TimeoutError) as trouble:
        _log.warning("commit postponed", error=type(trouble).__name__)


class _Assigned(ConsumerRebalanceListener):  # type: ignore[misc]  # it carries no types
    """Notes that the group gave us our share; never waits, or the whole group would."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Nothing to do: a late commit is refused and last_sequence skips what is read again."""

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """The member has joined."""
        self._edge.joined(assigned)


_EDGES: dict[str, Edge] = {}
_get_msg = BatchSubscriber.get_msg


async def _long_poll(subscriber: BatchSubscriber, consumer: AIOKafkaConsumer) -> Any:
    """FastStream sleeps again after each empty poll; waiting inside getmany is enough."""
    edge = _EDGES.get(subscriber.group_id or "")
    if edge is None:
        return await _get_msg(subscriber, consumer)
    return await edge.poll(consumer)


BatchSubscriber.get_msg = _long_poll  # type: ignore  # pinned by a test


async def _whole_poll(polled: Polled, original: Callable[[Any], Any]) -> Any:
    """FastStream's message around a poll; it must not read headers, any may be broken."""
    first = next(iter(polled.values()))[0]
    bare = KeptRecord(first.topic, first.partition, first.offset, first.timestamp)
    message = await original((bare,))
    message.body = polled
    return message


async def _poll_itself(message: Any) -> tuple[Polled, AIOKafkaConsumer]:
    """What the handler gets. Not the message: it keeps what it was decoded to.

    It would hold itself, and with it each poll until the cycle collector comes round: a quarter
    of a consumer's time went there.
    """
    return message.body, message.consumer


def _pattern(topic: Topic) -> str:
    """The topics of all offices, as aiokafka matches them from the start of a name."""
    before, after = topic.name.split("{office}")
    return f"{re.escape(before)}{_OFFICE}{re.escape(after)}$"
