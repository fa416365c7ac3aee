"""One service with a town, a state school and their people, for the tests of a file."""

import pytest_asyncio

from tests.builders_plan_places import set_up
from tests.doors import Doors, MakeDoors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plans(service_doors: MakeDoors) -> Doors:
    """The doors of plans, with registers and people; pupils come with the tests."""
    doors = await service_doors("plans")
    await set_up(doors)
    return doors
