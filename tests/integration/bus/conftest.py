"""A database with the bus tables and a small world for each test of the bus."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio

from deploy.local.postgres import Postgres
from shared.db import Database
from tests.bus_world import SOURCE, World, a_database, a_world, create_topic

MakeDatabase = Callable[..., Awaitable[Database]]
"""`await make_bus_database(source="/other/national")`: a database with the bus tables."""


@pytest_asyncio.fixture(loop_scope="session")
async def make_bus_database(postgres: Postgres) -> AsyncIterator[MakeDatabase]:
    """Databases of the world, gone when the test is done."""
    made: dict[str, Database] = {}

    async def make(source: str = SOURCE) -> Database:
        name = f"bus_{secrets.token_hex(4)}"
        made[name] = await a_database(await postgres.create_database(name), source)
        return made[name]

    yield make
    for name, database in made.items():
        await database.close()
        await postgres.drop_database(name)


@pytest_asyncio.fixture(loop_scope="session")
async def database(make_bus_database: MakeDatabase) -> Database:
    """One such database."""
    return await make_bus_database()


@pytest_asyncio.fixture(loop_scope="session")
async def world(kafka_bootstrap: str) -> World:
    """A world whose topic exists on the real broker."""
    made = a_world()
    await create_topic(kafka_bootstrap, made.topic)
    return made
