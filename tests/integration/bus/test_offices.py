"""Payment offices are outsiders: they do not number, and their topic says who they are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus.consume import Consumer
from shared.contracts.base import Received, Topic
from shared.db import Database
from tests.bus_world import a_record, a_world, create_topic, rows, send
from tests.integration.bus.at_work import counted, working

pytestmark = pytest.mark.needs_real_broker


async def test_offices_are_heard_on_their_own_topics_also_on_new_ones(
    database: Database, kafka_bootstrap: str
) -> None:
    name = f"{a_world().topic.name.split('.')[1]}.{{office}}.reports.v1"
    world = a_world(name, partitions=1)
    heard: list[tuple[str | None, str]] = []

    async def listen(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        heard.extend((one.partner, one.fact.thing) for one in told)
        await world.count(session, told)

    consumer = Consumer(
        name=world.topic.name.split(".")[0],
        topics=(world.topic,),
        handles={world.counted: listen},
        numbered=False,
    )
    ours, late = "90000000001", "90000000002"

    async def report(office: str, *facts: Any, **changes: Any) -> None:
        topic = world.topic.name.replace("{office}", office)
        await create_topic(kafka_bootstrap, Topic(topic, "x", "x", "x", partitions=1))
        records = [a_record(fact, 0, ce_sequence=..., **changes) for fact in facts]
        await send(kafka_bootstrap, [replace(record, topic=topic) for record in records])

    async with working(database, kafka_bootstrap, consumer):
        await report(ours, world.counted(thing="a", n=1, partner=ours))
        await counted(database, 1)
        forged = world.counted(thing="b", n=1, partner=ours)
        await report(
            late, forged, world.counted(thing="c", n=1, partner=late), ce_partner=ours.encode()
        )
        await counted(database, 2)
    assert heard == [(ours, "a"), (late, "c")]
    (letter,) = await rows(database, "SELECT stage, reason FROM dead_letters")
    assert letter == {
        "stage": "contract",
        "reason": "partner: the value names another one than the topic",
    }
