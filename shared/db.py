"""The database of a process: its engine, its transactions, and the bell that wakes the relay.

A transaction is opened and committed here and nowhere else. What follows a commit (the relay
sends what was published) starts only once the database has it for good.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pydantic_core import from_json
from sqlalchemy import MetaData, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

POOL_SIZE = 10
POOL_WAIT_SECONDS_MAX = 10
CONNECT_SECONDS_MAX = 5
STATEMENTS_PREPARED_MAX = 500
LOCK_WAIT_MS_MAX = 8_000
IDLE_IN_TRANSACTION_MS_MAX = 10_000


def new_metadata() -> MetaData:
    """Metadata of one service; constraints get names, so that migrations can speak of them."""
    return MetaData(
        naming_convention={
            "ix": "%(table_name)s_by_%(column_0_N_name)s",
            "uq": "%(table_name)s_one_%(column_0_N_name)s",
            "ck": "%(table_name)s_%(constraint_name)s",
            "fk": "%(table_name)s_of_%(referred_table_name)s",
            "pk": "%(table_name)s_key",
        }
    )


class Database:
    """One database as one process sees it.

    `source` is the `ce_source` of everything published through it (`/plans/national`), and
    `committed` is set after each commit that published something.
    """

    def __init__(
        self,
        url: str,
        *,
        source: str,
        pool_size: int = POOL_SIZE,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        """`info` is what every session carries besides the source, such as `settings`."""
        self.url = url
        self.source = source
        self.info = {"source": source, **(info or {})}
        self.committed = asyncio.Event()
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=POOL_WAIT_SECONDS_MAX,
            connect_args=_connect_args(),
            json_deserializer=from_json,
        )
        self._sessions = async_sessionmaker(
            self._engine, expire_on_commit=False, info={**(info or {}), "source": source}
        )

    @property
    def plain_url(self) -> str:
        """The address without SQLAlchemy's driver name, as asyncpg wants it."""
        return self.url.replace("postgresql+asyncpg://", "postgresql://", 1)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed on the way out, or rolled back on any error."""
        async with self._sessions(info=dict(self.info)) as session:
            try:
                yield session
                await session.commit()
            except BaseException:
                await session.rollback()
                raise
            if session.info.get("published"):
                self.committed.set()

    async def ping(self) -> None:
        """Raise what the driver raises where the database cannot be asked."""
        async with self._sessions() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


async def copy_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write new rows in bulk in the session's transaction, in their order: COPY, the quickest way.

    Columns not named get their defaults. Raises IntegrityError where a row breaks a constraint.
    """
    if not rows:
        return
    driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        # The transaction begins with its first statement, and COPY would be one of its own.
        await session.execute(text("SELECT 1"))
    try:
        await driver.copy_records_to_table(table, records=rows, columns=columns)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(f"COPY {table}", None, error) from error


def _connect_args() -> dict[str, Any]:
    """How each connection is opened; a frozen holder of locks is cut off by the server."""
    return {
        "timeout": CONNECT_SECONDS_MAX,
        "prepared_statement_cache_size": STATEMENTS_PREPARED_MAX,
        "server_settings": {
            "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS_MAX),
            "lock_timeout": str(LOCK_WAIT_MS_MAX),
            "jit": "off",
            "timezone": "UTC",
        },
    }
