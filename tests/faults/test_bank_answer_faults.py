"""A statement is being taken when its process is killed: as if never sent, and then taken once."""

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from deploy.local.processes import python_environment
from tests.builders_bank import OWN_ACCOUNT
from tests.conftest import MakeDatabase
from tests.money_facts import OFFICE
from tests.perf.bank_answers import SEED, a_statement

ENTRIES = 12_000
WAIT_SECONDS_MAX = 120
MOMENTS = ('%COPY%"bank_lines"%', "%UPDATE orders%", '%COPY%"outbox"%')
BUSY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE $1
"""
STANDS = """
    SELECT (SELECT count(*) FROM bank_messages) AS messages,
           (SELECT count(*) FROM bank_lines) AS lines,
           (SELECT count(*) FROM reports) AS reports,
           (SELECT count(*) FROM outbox) AS facts,
           (SELECT count(*) FROM orders WHERE state = 'settled') AS settled,
           (SELECT count(*) FROM orders WHERE state = 'sent') AS sent
"""


async def take(url: str, file: Path) -> asyncio.subprocess.Process:
    """Begin to take the file, as an operator does."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.payments", "take-bank-answer", OFFICE, str(file)),
        env={**os.environ, **python_environment(), "DATABASE_URL": url, "ENVIRONMENT": "test"},
        stdout=asyncio.subprocess.DEVNULL,
    )


async def killed_at(moment: str, url: str, file: Path, connection: asyncpg.Connection) -> None:
    """Kill the process while the database does this for it."""
    process = await take(url, file)
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not await connection.fetchval(BUSY, moment):
            assert process.returncode is None, f"over before {moment}"
            await asyncio.sleep(0.001)
    process.kill()
    await process.wait()


async def gone(connection: asyncpg.Connection) -> None:
    """Wait until the database has let go of who was killed."""
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while await connection.fetchval(BUSY, "%") > 0:
            await asyncio.sleep(0.05)


@pytest.mark.feature("M21")
@pytest.mark.feature("M29")
async def test_a_statement_whose_process_dies_is_taken_whole_or_not_at_all(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    url = await make_database("payments")
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(
        SEED.format(office=OFFICE, account=OWN_ACCOUNT, first=0, last=ENTRIES - 1)
    )
    file = tmp_path / "statement.xml"
    with file.open("wb") as content:
        a_statement(content, 0, ENTRIES)
    nothing = tuple(await connection.fetchrow(STANDS))
    assert nothing == (0, 0, 0, 0, 0, ENTRIES)
    for moment in MOMENTS:
        await killed_at(moment, url, file, connection)
        await gone(connection)
        assert tuple(await connection.fetchrow(STANDS)) == nothing, f"half taken at {moment}"
    for _ in range(2):
        process = await take(url, file)
        assert await process.wait() == 0
        whole = tuple(await connection.fetchrow(STANDS))
        assert whole == (1, ENTRIES, ENTRIES, ENTRIES, ENTRIES, 0)
    kept = await connection.fetchval("SELECT sha256 FROM bank_messages")
    assert kept == hashlib.sha256(file.read_bytes()).hexdigest()
    await connection.close()
