"""How rows are written: many in one statement, and whose row is locked first."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.tables import BENEFICIARIES
from shared.registers import municipalities, schools
from shared.rows import insert_statement, written_columns

_LOCK = text(
    "SELECT 1 FROM beneficiaries WHERE about_key = ANY(:keys) ORDER BY about_key FOR UPDATE"
)


async def insert_rows(
    session: AsyncSession, table: Table, rows: Sequence[Sequence[Any]], tail: str = ""
) -> list[Any]:
    """Insert rows given as tuples in the order of the table's columns.

    `tail` goes behind (ON CONFLICT, RETURNING); returns the first column of what is returned.
    """
    if not rows:
        return []
    columns = zip(written_columns(table), zip(*rows, strict=True), strict=True)
    values = {column.name: list(values) for column, values in columns}
    done = await session.execute(insert_statement(table, tail), values)
    return list(done.scalars()) if "RETURNING" in tail else []


def overwrite(table: Table, names: Iterable[str]) -> str:
    """The tail that lets a row that is there take over these columns of the new one."""
    key = ", ".join(column.name for column in table.primary_key)
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in names)
    return f"ON CONFLICT ({key}) DO UPDATE SET {changed}"


async def partners_among(session: AsyncSession, numbers: Iterable[str]) -> set[str]:
    """Which registration numbers are of partners: municipalities, or who pays for a school."""
    own = {school.partner for school in (await schools(session)).values()}
    return set(await municipalities(session, numbers)) | own


async def lock_beneficiaries(session: AsyncSession, keys: Iterable[str]) -> None:
    """Take the rows of pupils and projects, in key order; new ones are written first."""
    names = sorted(set(keys))
    await insert_rows(session, BENEFICIARIES, [(key,) for key in names], "ON CONFLICT DO NOTHING")
    await session.execute(_LOCK, {"keys": names})
