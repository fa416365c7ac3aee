"""The programme of these tests: identification with places and people, entered through doors."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import pytest_asyncio
from sqlalchemy import event

from tests.builders_identification import Programme
from tests.doors import MakeDoors


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def programme(service_doors: MakeDoors) -> Programme:
    """One programme for the tests of a module; each test enters pupils of its own."""
    return await Programme(await service_doors("identification")).prepare()


@pytest.fixture
def statements(programme: Programme) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with statements() as seen:` collects the statements sent to the database meanwhile."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
            seen.append(statement)

        engine = programme.doors.database._engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect
