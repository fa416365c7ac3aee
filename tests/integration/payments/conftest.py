"""The payments service of a module's stories."""

import pytest_asyncio

from tests.builders_payments import Payments
from tests.doors import MakeDoors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def payments(service_doors: MakeDoors) -> Payments:
    """Payments with an office, a school, a teacher, an officer, a stranger and one payee."""
    return await Payments(await service_doors("payments")).open()


@pytest_asyncio.fixture(loop_scope="session")
async def alone(service_doors: MakeDoors) -> Payments:
    """The same for one story alone, where the books as a whole are looked at."""
    return await Payments(await service_doors("payments")).open()
