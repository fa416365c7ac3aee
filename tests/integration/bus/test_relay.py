"""What is committed is sent, once, whole and in order, whoever sends it and whatever breaks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.bus import relay_rows
from shared.bus.access import KafkaAccess
from shared.bus.burying import bury
from shared.bus.outbox import publish
from shared.bus.progress import Progress
from shared.bus.relay import Relay, RelayRefused, notify_others
from shared.bus.relay_rows import Numbered
from shared.db import Database
from tests.bus_world import NOON, PARTNER, World, a_world, create_topic, rows

pytestmark = pytest.mark.needs_real_broker


@asynccontextmanager
async def relaying(
    database: Database, bootstrap: str, name: str = ""
) -> AsyncIterator[asyncio.Task[None]]:
    """A relay at work; stopped in good order at the end unless it ended by itself."""
    relay = Relay(database, KafkaAccess(bootstrap), Progress(), name=name)
    task = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        relay.stop()
        if not task.done():
            await asyncio.wait_for(task, 20)


async def say(database: Database, world: World, *things: tuple[str, int], note: str = "") -> None:
    facts = [world.counted(thing=thing, n=n, partner=PARTNER) for thing, n in things]
    async with database.transaction() as session:
        await publish(session, facts, at=NOON)


async def sent(bootstrap: str, world: World, count: int) -> list[ConsumerRecord]:
    """The first `count` records of the topic, partition after partition."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await reader.start()
    found: list[ConsumerRecord] = []
    try:
        reader.assign([TopicPartition(world.topic.name, n) for n in range(world.topic.partitions)])
        async with asyncio.timeout(20):
            while len(found) < count:
                for records in (await reader.getmany(timeout_ms=500)).values():
                    found += records
    finally:
        await reader.stop()
    return sorted(found, key=lambda record: (record.partition, record.offset))


async def emptied(database: Database) -> None:
    async with asyncio.timeout(20):
        while await rows(database, "SELECT 1 FROM outbox LIMIT 1"):
            await asyncio.sleep(0.02)


def number(record: ConsumerRecord) -> tuple[int, int]:
    epoch, n = dict(record.headers)["ce_sequence"].split(b"-")
    return int(epoch), int(n)


def said(records: Sequence[ConsumerRecord], world: World) -> list[tuple[str, int]]:
    facts = [world.counted.model_validate_json(record.value) for record in records]
    return [(fact.thing, fact.n) for fact in facts]


async def test_what_is_committed_is_sent_and_what_is_rolled_back_is_not(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            await publish(session, [world.counted(thing="never", n=1)], at=NOON)
            raise ZeroDivisionError
    async with relaying(database, kafka_bootstrap):
        await say(database, world, ("a", 1), ("b", 1), ("a", 2))
        records = await sent(kafka_bootstrap, world, 3)
        await emptied(database)
    assert sorted(said(records, world)) == [("a", 1), ("a", 2), ("b", 1)]
    assert {record.key for record in records} == {b"a", b"b"}
    headers = dict(records[0].headers)
    assert headers["ce_source"] == b"/tests/national" and headers["ce_partner"] == PARTNER.encode()


async def test_each_key_keeps_its_order_and_numbers_only_grow(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    async with relaying(database, kafka_bootstrap):
        for n in range(1, 51):
            await say(database, world, *[(key, n) for key in "abcdefg"])
        records = await sent(kafka_bootstrap, world, 350)
    for key in "abcdefg":
        assert [n for thing, n in said(records, world) if thing == key] == list(range(1, 51))
    assert len({record.partition for record in records}) > 1
    for partition in range(world.topic.partitions):
        numbers = [number(record) for record in records if record.partition == partition]
        assert numbers == sorted(set(numbers))
    assert sorted(n for _, n in map(number, records)) == list(range(1, 351))


async def test_a_load_of_many_turns_arrives_whole(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    many = relay_rows.ROWS_PER_TURN_MAX * 2 + 7
    await say(database, world, *[(f"thing-{n % 50}", n) for n in range(many)])
    async with relaying(database, kafka_bootstrap):
        records = await sent(kafka_bootstrap, world, many)
        await emptied(database)
    assert sorted(n for _, n in said(records, world)) == list(range(many))


async def test_large_facts_are_spread_over_turns_that_fit(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    facts = [world.renamed(thing="a", n=n, name="x" * 400_000) for n in range(1, 8)]
    async with database.transaction() as session:
        await publish(session, facts, at=NOON)
    async with relaying(database, kafka_bootstrap):
        records = await sent(kafka_bootstrap, world, 7)
    assert [world.renamed.model_validate_json(r.value).n for r in records] == list(range(1, 8))


async def test_a_batch_numbered_before_a_crash_keeps_its_numbers(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    await say(database, world, *[("a", n) for n in range(1, 6)])
    connection = await relay_rows.connect(database.plain_url)
    lead = await relay_rows.take_lead(connection, "crashed")
    assert lead is not None
    ids = [row["id"] for row in await relay_rows.oldest(connection, but=())][:3]
    await relay_rows.number(connection, Numbered(lead.epoch, 1, ids), sent=())
    await connection.close()
    async with relaying(database, kafka_bootstrap, name="crashed"):
        records = await sent(kafka_bootstrap, world, 5)
    assert said(records, world) == [("a", n) for n in range(1, 6)]
    numbers = [number(record) for record in records]
    assert numbers[:3] == [(lead.epoch, n) for n in (1, 2, 3)]
    assert numbers[3:] == [(numbers[3][0], n) for n in (1, 2)] and numbers[3][0] > lead.epoch


async def test_of_two_relays_one_leads_and_the_other_takes_over_when_it_leaves(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    async with relaying(database, kafka_bootstrap) as first:
        await say(database, world, ("a", 1))
        await sent(kafka_bootstrap, world, 1)
        async with relaying(database, kafka_bootstrap):
            await asyncio.sleep(relay_rows.LEADER_SILENCE_SECONDS_MAX + 1)
            (epochs,) = await rows(database, "SELECT epoch FROM relay_state")
            first.cancel()
            await asyncio.wait([first])
            await say(database, world, ("a", 2))
            records = await sent(kafka_bootstrap, world, 2)
    assert number(records[0])[0] == epochs["epoch"], "nobody took over early"
    assert number(records[1]) > number(records[0]) and len(records) == 2


async def test_who_lost_the_lead_can_neither_number_nor_forget(database: Database) -> None:
    world = a_world()
    await say(database, world, ("a", 1))
    old = await relay_rows.connect(database.plain_url)
    lead = await relay_rows.take_lead(old, "one")
    assert lead is not None
    assert await relay_rows.take_lead(old, "two") is None, "the leader is not silent yet"
    newer = await relay_rows.take_lead(old, "one")
    assert newer is not None and newer.epoch > lead.epoch
    with pytest.raises(relay_rows.LeadLost):
        await relay_rows.number(old, Numbered(lead.epoch, 1, [1]), sent=())
    with pytest.raises(relay_rows.LeadLost):
        await relay_rows.forget(old, lead.epoch, [1])
    with pytest.raises(relay_rows.LeadLost):
        await relay_rows.still_lead(old, lead.epoch)
    assert len(await rows(database, "SELECT 1 FROM outbox")) == 1
    await old.close()


async def test_a_missing_topic_holds_the_relay_until_somebody_creates_it(
    database: Database, kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.producer.SEND_SECONDS_MAX", 1)
    world = a_world()
    await say(database, world, ("a", 1))
    async with relaying(database, kafka_bootstrap):
        await asyncio.sleep(2)
        await create_topic(kafka_bootstrap, world.topic)
        assert said(await sent(kafka_bootstrap, world, 1), world) == [("a", 1)]


async def test_what_the_broker_never_takes_ends_the_relay_and_can_be_buried(
    database: Database, kafka_bootstrap: str
) -> None:
    world = a_world()
    await create_topic(kafka_bootstrap, world.topic, **{"max.message.bytes": "2000"})
    async with database.transaction() as session:
        facts = [world.renamed(thing="a", name="x" * 5_000), world.renamed(thing="a", name="y")]
        await publish(session, facts, at=NOON)
        await publish(session, [world.counted(thing="b", n=1)], at=NOON)
    async with relaying(database, kafka_bootstrap) as task:
        with pytest.raises(RelayRefused, match="MessageSizeTooLarge"):
            await asyncio.wait_for(task, 20)
    async with database.transaction() as session:
        assert await bury(session, 1, by="ieva", why="too large") == [1, 2]
    async with relaying(database, kafka_bootstrap):
        assert said(await sent(kafka_bootstrap, world, 1), world) == [("b", 1)]
    buried = await rows(database, "SELECT part_key, buried_by, buried_why FROM outbox_dead")
    assert buried == [{"part_key": "a", "buried_by": "ieva", "buried_why": "too large"}] * 2


async def test_a_commit_of_another_process_wakes_the_relay(
    database: Database, world: World, kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.relay.LOOK_SECONDS_MAX", 30)
    web = Database(database.url, source=database.source)
    ringing = asyncio.create_task(notify_others(web))
    try:
        async with relaying(database, kafka_bootstrap):
            await say(database, world, ("a", 1))
            await sent(kafka_bootstrap, world, 1)
            await emptied(database)
            await asyncio.sleep(0.2)
            await say(web, world, ("a", 2))
            async with asyncio.timeout(5):
                await sent(kafka_bootstrap, world, 2)
    finally:
        ringing.cancel()
        await asyncio.wait([ringing])
        await web.close()


async def test_an_office_gets_its_orders_on_its_own_topic(database: Database) -> None:
    from shared.contracts.offices import OrderCancelled

    order: Any = {"order_id": "o-1", "version": 1, "reason_code": "asked"}
    async with database.transaction() as session:
        await publish(session, [OrderCancelled(partner=PARTNER, **order)], at=NOON)
    (row,) = await rows(database, "SELECT topic, part_key FROM outbox")
    assert row["topic"] == f"payment-office.{PARTNER}.orders.v1"
