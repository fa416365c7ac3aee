"""What every test may ask for: a broker, a database of its own, tokens.

The broker is a real Kafka; where none can be started the tests that need it fail. BROKER=mock
chooses the mock cluster by hand, and then tests marked `needs_real_broker` are skipped.
"""

import contextlib
import importlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from deploy.local.kafka import Broker, kafka
from deploy.local.postgres import Postgres
from deploy.local.postgres import postgres as start_postgres
from deploy.local.tokens import TokenIssuer
from tests.databases import Templates
from tests.doors import Doors, MakeDoors, open_doors
from tests.results import RESULTS, Results

MakeDatabase = Callable[[str], Awaitable[str]]
"""`await make_database("plans")`: address of a new database with the service's tables."""

ISSUER = "urn:pumpurs:tests"


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The broker of this test session, with how it came about."""
    with kafka(tmp_path_factory.mktemp("kafka"), real=True) as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka_broker: Broker) -> str:
    """Where the session's broker listens, `host:port`. It makes no topics by itself."""
    return kafka_broker.bootstrap


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this test session."""
    with start_postgres() as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def templates(postgres: Postgres) -> AsyncIterator[Templates]:
    """One database per service as its real migrations make it, copied for the tests."""
    made = Templates(postgres)
    yield made
    await made.drop()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def make_database(templates: Templates) -> AsyncIterator[MakeDatabase]:
    """Databases with a service's tables and no rows, gone when the module's tests are done."""
    made: list[str] = []

    async def make(service: str) -> str:
        name = f"{service}_{secrets.token_hex(4)}"
        made.append(name)
        return await templates.copy(service, name)

    yield make
    for name in made:
        await templates.server.drop_database(name)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def empty_database(postgres: Postgres) -> AsyncIterator[str]:
    """Address of a database without any tables, for tests that bring their own."""
    name = f"empty_{secrets.token_hex(4)}"
    yield await postgres.create_database(name)
    await postgres.drop_database(name)


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TokenIssuer:
    """Signs tokens: `tokens.token("subject")`; the issuer is `tokens.issuer`."""
    return TokenIssuer.with_key_file(ISSUER, tmp_path_factory.mktemp("issuer") / "key.json")


@pytest.fixture(scope="session")
def token_keys(tokens: TokenIssuer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the public keys of `tokens`, for OIDC_JWKS."""
    return tokens.write_keys(tmp_path_factory.mktemp("keys") / "jwks.json")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service_doors(
    make_database: MakeDatabase, tokens: TokenIssuer, token_keys: Path
) -> AsyncIterator[MakeDoors]:
    """`await service_doors("plans")`: a service's HTTP doors on a new database of its own."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(service: str, **settings: Any) -> Doors:
            app = importlib.import_module(f"services.{service}.app")
            url = await make_database(service)
            opening = open_doors(app.SERVICE, url, tokens=tokens, keys=token_keys, **settings)
            return await stack.enter_async_context(opening)

        yield make


def pytest_configure(config: pytest.Config) -> None:
    """Write down what came of each test, for `make features`."""
    config.pluginmanager.register(Results(RESULTS), "results-for-features")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what the mock cluster cannot do, where somebody chose it, saying so."""
    if os.environ.get("BROKER") != "mock":
        return
    skip = pytest.mark.skip(reason="BROKER=mock was chosen, and this needs a real broker")
    for item in items:
        if item.get_closest_marker("needs_real_broker"):
            item.add_marker(skip)
