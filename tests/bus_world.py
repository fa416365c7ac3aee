"""A small world for tests of the bus: things that are counted and renamed, and who listens."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from shared.bus.consume import Consumer, Handler
from shared.bus.hearing import KeptRecord
from shared.bus.tables import create_bus_tables
from shared.contracts.base import Fact, Received, Topic
from shared.db import Database
from shared.errors import Refused
from shared.settings import ServiceSettings

NOON = datetime(2017, 9, 15, 12, tzinfo=UTC)
SOURCE = "/tests/national"
EPOCH = 1_700_000_000_000
PARTNER = "90000000001"

Headers = list[tuple[str, bytes | None]]

_TABLES = """
    CREATE TABLE things (key text PRIMARY KEY, last int NOT NULL, total int NOT NULL,
                         name text, out_of_order int NOT NULL DEFAULT 0)
"""
_COUNT = text("""
    INSERT INTO things AS t (key, last, total, out_of_order)
    SELECT * FROM unnest(CAST(:keys AS text[]), CAST(:last AS int[]), CAST(:total AS int[]),
                         CAST(:wrong AS int[]))
    ON CONFLICT (key) DO UPDATE
    SET last = excluded.last, total = t.total + excluded.total,
        out_of_order = t.out_of_order + excluded.out_of_order
""")
_LAST = text("SELECT key, last FROM things WHERE key = ANY(:keys) ORDER BY key FOR UPDATE")
_RENAME = text("UPDATE things SET name = :name WHERE key = :key")


class NoSuchName(Refused):
    """A thing must not be called that."""

    code = "no-such-name"


class Thing(Fact):
    """What all facts of this world carry; each world has a topic of its own."""

    key_field: ClassVar[str] = "thing"

    thing: str
    n: int = 0
    partner: str | None = None


@dataclass(frozen=True)
class World:
    """A topic with two types on it, and what listeners of it remember of the batches."""

    topic: Topic
    counted: type[Thing]
    renamed: type[Thing]
    batches: list[tuple[str, list[str]]] = field(default_factory=list)

    def consumer(self, **settings: Any) -> Consumer:
        """Counts things and renames them; a thing called `forbidden` is refused."""
        settings = {"name": f"things-{uuid.uuid4().hex[:8]}", **settings}
        handles: dict[type[Fact], Handler] = {self.counted: self.count, self.renamed: self.rename}
        return Consumer(topics=(self.topic,), handles=handles, **settings)

    async def count(self, session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        """Counts, and looks whether the numbers of each thing come one after another."""
        self.batches.append(("counted", [received.fact.thing for received in told]))
        keys = sorted({received.fact.thing for received in told})
        found = await session.execute(_LAST, {"keys": keys})
        last: dict[str, int] = {row.key: row.last for row in found}
        total, wrong = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
        for received in told:
            fact = received.fact
            wrong[fact.thing] += fact.n != last.get(fact.thing, 0) + 1
            last[fact.thing] = fact.n
            total[fact.thing] += 1
        values = {
            "keys": keys,
            "last": [last[key] for key in keys],
            "total": list(total.values()),
            "wrong": list(wrong.values()),
        }
        await session.execute(_COUNT, values)

    async def rename(self, session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        """Renames, and refuses one name."""
        self.batches.append(("renamed", [received.fact.thing for received in told]))
        for received in told:
            if received.fact.name == "forbidden":
                raise NoSuchName
            await session.execute(_RENAME, {"name": received.fact.name, "key": received.fact.thing})


def a_world(name: str = "", *, partitions: int = 3) -> World:
    """A new world; its topic has a name nobody else uses."""
    the_topic = Topic(
        name or f"tests.things-{uuid.uuid4().hex[:8]}.v1",
        owner="tests",
        about="things",
        key="thing",
        partitions=partitions,
    )

    class Counted(Thing):
        """A thing was counted; its numbers go 1, 2, 3."""

        topic: ClassVar[Topic] = the_topic
        type: ClassVar[str] = "pumpurs.tests.thing-counted.v1"

    class Renamed(Thing):
        """A thing got a name."""

        topic: ClassVar[Topic] = the_topic
        type: ClassVar[str] = "pumpurs.tests.thing-renamed.v1"

        name: str

    return World(the_topic, Counted, Renamed)


def a_record(fact: Thing, n: int, *, at: int | None = None, **changes: Any) -> KeptRecord:
    """A record as our relay writes it, number `n`; `changes` replace headers or the value."""
    headers: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "content-type": b"application/json",
        "ce_type": fact.type.encode(),
        "ce_source": SOURCE.encode(),
        "ce_id": str(uuid.uuid4()).encode(),
        "ce_time": NOON.isoformat().encode(),
        "ce_subject": fact.key.encode(),
        "ce_partitionkey": fact.key.encode(),
        "correlationid": b"the-beginning",
        "ce_sequence": f"{EPOCH}-{n:012d}".encode(),
    }
    if fact.partner:
        headers["ce_partner"] = fact.partner.encode()
    value = changes.pop("value", fact.model_dump_json().encode())
    for name, changed in changes.items():
        headers[name] = changed
        if changed is ...:
            del headers[name]
    return KeptRecord(
        topic=fact.topic.name,
        partition=0,
        offset=n if at is None else at,
        timestamp=int(NOON.timestamp() * 1000),
        key=fact.key.encode(),
        value=value,
        headers=list(headers.items()),
    )


async def a_database(url: str, source: str = SOURCE) -> Database:
    """A database with the bus tables and the things."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(create_bus_tables)
        await connection.execute(text(_TABLES))
    await engine.dispose()
    return Database(url, source=source)


def settings_for(url: str, bootstrap: str, **more: Any) -> ServiceSettings:
    """Settings of a process of this world."""
    return ServiceSettings(database_url=url, kafka_bootstrap=bootstrap, **more)


async def create_topic(bootstrap: str, topic: Topic, **config: str) -> None:
    """Create a topic and wait until the broker knows it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        wanted = NewTopic(topic.name, topic.partitions, 1, topic_configs=config)
        await admin.create_topics([wanted])
        async with asyncio.timeout(10):
            while topic.name not in await admin.list_topics():
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def send(bootstrap: str, records: Sequence[KeptRecord]) -> None:
    """Write records as they are, each into its partition, in this order."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    try:
        for record in records:
            await producer.send_and_wait(
                record.topic,
                value=record.value,
                key=record.key,
                partition=record.partition,
                headers=list(record.headers),
            )
    finally:
        await producer.stop()


async def rows(database: Database, query: str) -> list[dict[str, Any]]:
    """What a query finds."""
    async with database.transaction() as session:
        return [dict(row) for row in (await session.execute(text(query))).mappings()]


async def things(database: Database) -> dict[str, int]:
    """How often each thing was counted."""
    found = await rows(database, "SELECT key, total FROM things ORDER BY key")
    return {row["key"]: row["total"] for row in found}
