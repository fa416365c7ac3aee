"""The programme of these tests: identification with places and people, entered through doors."""

import pytest_asyncio

from tests.builders_identification import Programme
from tests.conftest import MakeDoors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def programme(service_doors: MakeDoors) -> Programme:
    """One programme for the tests of a module; each test enters pupils of its own."""
    return await Programme(await service_doors("identification")).prepare()
