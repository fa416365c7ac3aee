"""One process of the bus under fault: it relays one database and, maybe, hears a topic.

Arguments: the process's stable name, its database, its source, the broker, and, where it hears,
the topic it hears, its group, and the topic on which it repeats what it heard (`-` for none).
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus.access import KafkaAccess
from shared.bus.consume import Consumer, Handler
from shared.bus.outbox import publish
from shared.bus.worker import Worker
from shared.contracts.base import Fact, Received
from shared.db import Database
from shared.settings import ServiceSettings
from tests.bus_world import World, a_world


def counting(heard: World, echoed: World | None) -> Handler:
    """Counts what is heard and says it again on another topic, if there is one."""

    async def count(session: AsyncSession, told: Sequence[Received[Any]]) -> None:
        await heard.count(session, told)
        if echoed is not None:
            facts = [echoed.counted(thing=one.fact.thing, n=one.fact.n) for one in told]
            await publish(session, facts, at=[one.at for one in told])

    return count


async def main(name: str, url: str, source: str, bootstrap: str, *hears: str) -> None:
    """Work until killed."""
    consumers = []
    if hears:
        topic, group, echo = hears
        heard = a_world(topic)
        handler = counting(heard, None if echo == "-" else a_world(echo))
        handles: dict[type[Fact], Handler] = {heard.counted: handler}
        consumers = [Consumer(name=group, topics=(heard.topic,), handles=handles)]
    settings = ServiceSettings(database_url=url, kafka_bootstrap=bootstrap, instance=name)
    worker = Worker(
        service="faults",
        consumers=consumers,
        database=Database(url, source=source),
        settings=settings,
        access=KafkaAccess.of(settings),
    )
    await worker.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
