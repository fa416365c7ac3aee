"""A worker hears what others say, says what follows, and tells how it is."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import metrics
from shared.bus.access import KafkaAccess
from shared.bus.consume import Consumer
from shared.bus.outbox import publish
from shared.bus.worker import Worker
from shared.clock import now, programme_now
from shared.contracts.base import Received
from shared.db import Database
from shared.jobs import Job
from tests.bus_world import (
    NOON,
    PARTNER,
    World,
    a_record,
    a_world,
    create_topic,
    rows,
    send,
    settings_for,
    things,
)
from tests.integration.bus.at_work import counted, until, working
from tests.integration.bus.conftest import MakeDatabase

pytestmark = pytest.mark.needs_real_broker


async def test_one_story_spans_three_services(
    make_bus_database: MakeDatabase, world: World, kafka_bootstrap: str
) -> None:
    first, second = (
        await make_bus_database("/one/national"),
        await make_bus_database("/two/national"),
    )
    third = await make_bus_database("/three/national")
    answers = a_world()
    await create_topic(kafka_bootstrap, answers.topic)
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    heard: list[Received[Any]] = []

    async def answer(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        facts = [answers.counted(thing=one.fact.thing, n=one.fact.n) for one in told]
        await publish(session, facts, at=[one.at for one in told])

    async def listen(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        heard.extend(told)
        await answers.count(session, told)

    hears = Consumer(name="things", topics=(world.topic,), handles={world.counted: answer})
    ends = Consumer(name="ends", topics=(answers.topic,), handles={answers.counted: listen})
    async with (
        working(first, kafka_bootstrap),
        working(second, kafka_bootstrap, hears),
        working(third, kafka_bootstrap, ends),
    ):
        from shared.bus.context import story

        with story(correlation_id="request-1", traceparent=trace):
            async with first.transaction() as session:
                facts = [world.counted(thing=key, n=1) for key in "ab"]
                await publish(session, facts, at=NOON)
        await counted(third, 2)
    assert {one.correlation_id for one in heard} == {"request-1"}
    assert {one.traceparent for one in heard} == {trace}
    assert {one.source for one in heard} == {"/two/national"} and {one.at for one in heard} == {
        NOON
    }


async def test_repetitions_and_broken_records_on_the_wire_harm_nobody(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    good = [a_record(world.counted(thing="a", n=n), 2 * n) for n in range(1, 21)]
    broken = [
        a_record(world.counted(thing="a", n=1), 5, value=b"{"),
        a_record(world.counted(thing="a", n=1), 7, ce_partner=None),
        a_record(world.counted(thing="a", n=1), 9, ce_type=b"\xff\xfe"),
        replace(a_record(world.counted(thing="a", n=1), 11), headers=()),
    ]
    mixed = sorted([*good, *broken], key=lambda record: record.offset)
    consumer = world.consumer()
    async with working(database, kafka_bootstrap, consumer) as worker:
        await send(kafka_bootstrap, [*mixed[:12], *mixed[:12], *mixed[12:], *mixed[::3], *good])
        await counted(database, 20)
        await until(database, "SELECT last FROM things", 20)
        assert await worker.live() == {}
    assert await rows(database, "SELECT out_of_order FROM things") == [{"out_of_order": 0}]
    stages = await rows(database, "SELECT reason FROM dead_letters WHERE sequence IS NOT NULL")
    assert len(stages) == 3
    group = consumer.group("tests", "national")
    assert metrics.REPETITIONS_SKIPPED.labels(group)._value.get() > 20


async def test_a_second_process_goes_on_where_the_first_ended(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    consumer = world.consumer()
    records = [a_record(world.counted(thing="a", n=n), n) for n in range(1, 11)]
    async with working(database, kafka_bootstrap, consumer, instance="worker-0"):
        await send(kafka_bootstrap, records[:5])
        await counted(database, 5)
    await send(kafka_bootstrap, records[5:])
    async with working(database, kafka_bootstrap, consumer, instance="worker-0"):
        await counted(database, 10)
    assert await rows(database, "SELECT out_of_order FROM things") == [{"out_of_order": 0}]


async def test_what_fails_for_the_moment_is_read_again(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    consumer = world.consumer()
    failures = [ConnectionResetError(), TimeoutError(), OSError()]

    async def stumble(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        await world.count(session, told)
        if failures:
            raise failures.pop()

    shaky = replace(consumer, handles={world.counted: stumble})
    async with working(database, kafka_bootstrap, shaky):
        await send(
            kafka_bootstrap, [a_record(world.counted(thing="a", n=n), n) for n in range(1, 11)]
        )
        await counted(database, 10)
    assert not failures and await rows(database, "SELECT 1 FROM dead_letters") == []


async def test_too_many_set_aside_stop_the_consumer_and_turn_readiness_red(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    broken = [a_record(world.counted(thing="a", n=1), n, value=b"{") for n in range(1, 9)]
    good = a_record(world.counted(thing="a", n=1), 9)
    consumer = world.consumer()
    group = consumer.group("tests", "national")
    async with working(database, kafka_bootstrap, consumer, set_aside_in_a_row_max=5) as worker:
        await send(kafka_bootstrap, [*broken, good])
        async with asyncio.timeout(20):
            while group not in await worker.ready():
                await asyncio.sleep(0.02)
        await asyncio.sleep(1.5)
        assert "too many set aside" in (await worker.ready())[group]
        assert await worker.live() == {}, "it waits for a person; restarting would not help"
        assert len(await rows(database, "SELECT 1 FROM dead_letters")) == 5
    async with working(database, kafka_bootstrap, consumer):
        await counted(database, 1)
    assert len(await rows(database, "SELECT 1 FROM dead_letters")) == 8


async def test_a_job_runs_in_a_transaction_of_its_own_and_in_the_programmes_present(
    database: Database, kafka_bootstrap: str
) -> None:
    moments: list[datetime] = []

    async def count(session: AsyncSession, moment: datetime) -> None:
        moments.append(moment)
        await session.execute(
            text("""INSERT INTO things VALUES ('job', 0, 1) ON CONFLICT (key)
                    DO UPDATE SET total = things.total + 1""")
        )

    async def fail(session: AsyncSession, moment: datetime) -> None:
        await count(session, moment)
        raise ValueError

    jobs = (Job("count", 1, count), Job("fail", 1, fail))
    past = {"programme_days_behind": 3_000, "jobs": jobs}
    async with working(database, kafka_bootstrap, **past) as worker:
        await until(database, "SELECT total FROM things", 2)
        assert programme_now(3_000) - moments[0] < timedelta(minutes=5) < now() - moments[0]
        assert metrics.JOBS_FAILED.labels("fail")._value.get() >= 1
        assert await worker.live() == {}


async def test_lag_and_outbox_are_measured(
    database: Database, world: World, kafka_bootstrap: str
) -> None:
    consumer = world.consumer()
    async with working(database, kafka_bootstrap, consumer) as worker:
        await send(kafka_bootstrap, [a_record(world.counted(thing="a", n=1), 1)])
        await counted(database, 1)
        async with database.transaction() as session:
            await publish(session, [a_world("no.such.topic").counted(thing="x", n=1)], at=NOON)
        await worker._measure_once()
        assert metrics.OUTBOX_ROWS._value.get() == 1
        assert metrics.OUTBOX_OLDEST_SECONDS._value.get() > 0
        group = consumer.group("tests", "national")
        lag = metrics.CONSUMER_LAG.labels(group, world.topic.name, "0")
        assert lag._value.get() == 0
    assert await things(database) == {"a": 1}


async def test_a_worker_without_its_topic_ends_instead_of_waiting_for_ever(
    database: Database, kafka_bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.bus.worker.START_SECONDS_MAX", 2)
    known = settings_for(database.url, kafka_bootstrap)
    worker = Worker(
        service="tests",
        consumers=[a_world("tests.missing.v1").consumer()],
        database=database,
        settings=known,
        access=KafkaAccess.of(known),
    )
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker.run(asyncio.Event()), 20)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    assert "tests.missing.v1" not in await admin.list_topics(), "nobody creates topics in passing"
    await admin.close()


async def test_a_worker_that_cannot_reach_kafka_says_so(database: Database) -> None:
    known = settings_for(database.url, "127.0.0.1:1", serves=PARTNER)
    worker = Worker(
        service="tests",
        consumers=[a_world().consumer()],
        database=database,
        settings=known,
        access=KafkaAccess.of(known),
    )
    assert set(await worker.ready()) >= {"broker"}
