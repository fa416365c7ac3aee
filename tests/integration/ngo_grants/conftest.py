"""The youth project calls of a module's stories."""

import pytest_asyncio

from tests.builders_ngo_grants import Grants
from tests.doors import MakeDoors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def grants(service_doors: MakeDoors) -> Grants:
    """A municipality with organisers and evaluators, and the state's officers."""
    return await Grants(await service_doors("ngo_grants")).open()
