"""The payments service of a module's stories."""

import pytest_asyncio

from tests.builders_payments import Payments
from tests.doors import MakeDoors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def payments(service_doors: MakeDoors) -> Payments:
    """Payments with an office, a school, a teacher, an officer, a stranger and one payee."""
    return await Payments(await service_doors("payments")).open()
