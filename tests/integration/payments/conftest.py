"""The payments service of a module's stories."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.tokens import TokenIssuer
from services.payments.app import SERVICE
from tests.builders_payments import Payments
from tests.conftest import MakeDatabase
from tests.doors import MakeDoors, open_doors
from tests.integration.payments.any_life import two_partners
from tests.integration.payments.aside import Aside
from tests.money_facts import OFFICE, OTHER_OFFICE


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def payments(service_doors: MakeDoors) -> Payments:
    """Payments with an office, a school, a teacher, an officer, a stranger and one payee."""
    return await Payments(await service_doors("payments")).open()


@pytest_asyncio.fixture(loop_scope="session")
async def alone(service_doors: MakeDoors) -> Payments:
    """The same for one story alone, where the books as a whole are looked at."""
    return await Payments(await service_doors("payments")).open()


@pytest_asyncio.fixture(loop_scope="session")
async def database_url(make_database: MakeDatabase) -> str:
    """Where the machine's payments keep their rows."""
    return await make_database("payments")


@pytest.fixture
def aside(
    database_url: str, tokens: TokenIssuer, token_keys: Path
) -> Iterator[tuple[Aside, Payments]]:
    """Payments with two partners, living in a thread of their own."""
    with _in_a_thread(database_url, tokens, token_keys, serves="*") as found:
        yield found


@pytest.fixture(params=["*", f"{OFFICE},{OTHER_OFFICE}"], ids=["alone", "of-several"])
def any_cell(
    request: pytest.FixtureRequest, database_url: str, tokens: TokenIssuer, token_keys: Path
) -> Iterator[tuple[Aside, Payments]]:
    """The same, paying alone in the country or as one cell of several."""
    with _in_a_thread(database_url, tokens, token_keys, serves=request.param) as found:
        yield found


@contextmanager
def _in_a_thread(
    url: str, tokens: TokenIssuer, keys: Path, *, serves: str
) -> Iterator[tuple[Aside, Payments]]:
    """Payments with two partners in a thread of their own."""
    aside = Aside()

    async def opened() -> Payments:
        doors = open_doors(SERVICE, url, tokens=tokens, keys=keys, serves=serves)
        payments = await Payments(await aside.stack.enter_async_context(doors)).open()
        await two_partners(payments)
        return payments

    try:
        yield aside, aside.run(opened())
    finally:
        aside.close()
