"""Brings a service's database to the newest version: Alembic, one after another, under a lock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.bus.tables import add_bus_tables
from shared.idempotency import add_idempotency_keys
from shared.parameters import ParameterSpec, seed
from shared.register_rows import add_register_tables

ROOT = Path(__file__).resolve().parent.parent
LOCK = 5_417_001
LOCK_SECONDS_MAX = 5
STATEMENT_SECONDS_MAX = 60


@dataclass(frozen=True)
class Migrations:
    """The database of one service as its code wants it."""

    name: str
    metadata: MetaData
    parameters: Sequence[ParameterSpec] = ()

    def _config(self, connection: Connection) -> Config:
        """Alembic's configuration for this service's folder."""
        config = Config()
        config.set_main_option("script_location", str(ROOT / "shared" / "alembic"))
        versions = ROOT / "services" / self.name / "migrations" / "versions"
        config.set_main_option("version_locations", str(versions))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        config.attributes["metadata"] = self.metadata
        return config

    def upgrade(self, connection: Connection) -> None:
        """To the newest version, then the parameters it starts with; waits for who does it now."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS_MAX}s'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS_MAX}s'"))
        command.upgrade(self._config(connection), "head")
        seed(connection, self.parameters, owner=self.name)

    def draft(self, message: str) -> Callable[[Connection], None]:
        """Write a new migration from what the code has and the database lacks."""

        def write(connection: Connection) -> None:
            config = self._config(connection)
            command.upgrade(config, "head")
            command.revision(config, message=message, autogenerate=True)

        return write

    def differences(self, connection: Connection) -> list[str]:
        """What the migrated database and the code's tables do not agree on; empty when right."""
        found = compare_metadata(MigrationContext.configure(connection), self.metadata)
        return [str(difference) for difference in found]


async def run(url: str, what: Callable[[Connection], None]) -> None:
    """Run one of the above on a database, in one transaction."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(what)
    finally:
        await engine.dispose()


def add_shared_tables(metadata: MetaData) -> MetaData:
    """The tables every service has: of the bus, the registers, parameters, idempotency keys."""
    add_bus_tables(metadata)
    add_register_tables(metadata)
    add_idempotency_keys(metadata)
    return metadata


def create_shared_tables(connection: Connection) -> None:
    """Create them; what a service's first migration calls."""
    add_shared_tables(MetaData()).create_all(connection)


def widen_calendar(connection: Connection) -> None:
    """Give the register of semesters places, days off, days more and grades; again: nothing.

    The first migration of a new database makes the tables as they are now, so this looks first.
    """
    connection.execute(
        text("""
        DO $$ BEGIN
            IF EXISTS (SELECT 1 FROM information_schema.columns WHERE column_name = 'school_id'
                       AND table_name = 'register_semesters' AND table_schema = current_schema())
            THEN ALTER TABLE register_semesters RENAME COLUMN school_id TO place; END IF;
        END $$
    """)
    )
    for name in ("days_off", "extra_days", "grades"):
        connection.execute(
            text(
                f"ALTER TABLE register_semesters ADD COLUMN IF NOT EXISTS {name}"
                " JSONB NOT NULL DEFAULT '[]'"
            )
        )


def drop_shared_tables(connection: Connection) -> None:
    """Take them away; what going back before the first migration calls."""
    add_shared_tables(MetaData()).drop_all(connection)
