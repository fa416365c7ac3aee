"""Reporting with facts already heard, for the stories of a module."""

import pytest_asyncio

from tests.builders_five_places import register_the_five_places, the_five_places
from tests.builders_reporting import hear, numbered, register_towns, tell_the_nation
from tests.doors import Doors, MakeDoors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def five_places(service_doors: MakeDoors) -> Doors:
    """Reporting after everything happened in the places of the five pages."""
    doors = await service_doors("reporting")
    await register_the_five_places(doors)
    told = numbered(the_five_places())
    for start in range(0, len(told), 2_000):
        await hear(doors.database, told[start : start + 2_000])
    await tell_the_nation(doors)
    return doors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def two_towns(service_doors: MakeDoors) -> Doors:
    """Two towns and nothing that happened; each story has a semester of its own."""
    doors = await service_doors("reporting")
    await register_towns(doors)
    return doors
