"""Says facts on the bus as identification and plans would, through the real outbox and relay."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from deploy.local.system import LocalSystem
from shared import migrations
from shared.bus.access import KafkaAccess
from shared.bus.outbox import publish
from shared.bus.progress import Progress
from shared.bus.relay import Relay
from shared.contracts.base import Fact
from shared.db import Database
from shared.migrations import create_shared_tables

FACTS_AT_ONCE = 5_000


class Teller:
    """A source of facts of its own, `/tests/teller`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def say(self, facts: Sequence[Fact], *, at: datetime | None = None) -> None:
        """Say facts in this order; they are on their way when this returns."""
        moment = at or datetime.now(UTC)
        for first in range(0, len(facts), FACTS_AT_ONCE):
            async with self._database.transaction() as session:
                await publish(session, facts[first : first + FACTS_AT_ONCE], at=moment)


@asynccontextmanager
async def teller(system: LocalSystem) -> AsyncIterator[Teller]:
    """A teller beside a running system, with a database and a relay of its own."""
    url = await system.postgres.create_database("tests_teller")
    await migrations.run(url, create_shared_tables)
    database = Database(url, source="/tests/teller")
    relay = Relay(database, KafkaAccess(system.bootstrap), Progress(), name="teller")
    running = asyncio.create_task(relay.run())
    try:
        yield Teller(database)
    finally:
        relay.stop()
        await running
        await database.close()
        await system.postgres.drop_database("tests_teller")
