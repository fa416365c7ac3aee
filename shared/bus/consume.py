"""What a service declares to hear something: a name, topics, and a handler for each type."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.contracts.base import Fact, Received, Topic
from shared.settings import ServiceSettings

Handler = Callable[[AsyncSession, Sequence[Received[Any]]], Awaitable[None]]
"""Applies facts of one type, in order, at most one run per key; raises to refuse the batch."""

BatchDone = Callable[[AsyncSession, Sequence[Received[Any]]], Awaitable[None]]
"""Called once at the end of a batch's transaction with all facts it applied."""

RECORDS_PER_BATCH = 2_000


def everywhere(_settings: ServiceSettings) -> bool:
    """The usual consumer listens in every cell."""
    return True


@dataclass(frozen=True)
class Consumer:
    """Somebody who listens; its Kafka group is `<service>.<cell>.<name>`.

    `parks`: facts behind one that was set aside wait for it, key by key. `numbered`: the
    senders number what they say (all our services do, payment offices do not).
    `batch_done` runs once at the end of each transaction that heard something new. `where` tells
    by the settings of a process whether it listens there at all.
    """

    name: str
    topics: tuple[Topic, ...]
    handles: Mapping[type[Fact], Handler]
    parks: bool = False
    numbered: bool = True
    batch_done: BatchDone | None = None
    records_max: int = field(default=RECORDS_PER_BATCH)
    where: Callable[[ServiceSettings], bool] = everywhere

    def group(self, service: str, cell: str) -> str:
        """The Kafka group, which is also the name in `last_sequence` and `dead_letters`."""
        return f"{service}.{cell}.{self.name}"

    def __post_init__(self) -> None:
        if not self.topics:
            raise ValueError(f"consumer {self.name} names no topic")
        if len({topic.is_pattern for topic in self.topics}) != 1:
            raise ValueError(f"consumer {self.name} mixes topics and patterns")
        strangers = {fact.topic.name for fact in self.handles} - {t.name for t in self.topics}
        if strangers:
            raise ValueError(f"consumer {self.name} handles facts of {sorted(strangers)}")
