"""Reporting with facts already heard, for the stories of a module."""

import pytest_asyncio

from tests.builders_reporting import (
    hear,
    numbered,
    register_the_five_places,
    tell_the_nation,
    the_five_places,
)
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
