"""Writes many rows by one statement: arrays, one for each column. Says what lies in a period."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Table, Text, and_, any_, func, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from services.reporting.domain import months_of, semesters_in
from shared.rows import insert_statement, written_columns


async def insert_rows(
    session: AsyncSession, table: Table, rows: Sequence[Sequence[Any]], tail: str = ""
) -> list[Any]:
    """Insert rows given as tuples in the order of the table's columns, sorted by whoever calls.

    `tail` goes behind (ON CONFLICT, RETURNING); gives what is returned.
    """
    if not rows:
        return []
    columns = written_columns(table)
    values = {}
    for column, numbers in zip(columns, zip(*rows, strict=True), strict=True):
        is_json = isinstance(column.type, JSONB)
        values[column.name] = list(map(_json, numbers)) if is_json else list(numbers)
    done = await session.execute(insert_statement(table, tail), values)
    return list(done.all()) if "RETURNING" in tail else []


def among(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """That a column has one of these values; one parameter, however many there are."""
    wanted = literal(sorted(set(values)), ARRAY(Text))
    return cast("ColumnElement[bool]", column == any_(wanted))


def taking_over(table: Table) -> str:
    """The tail that lets a row that is there take over all columns of the new one."""
    keys = {column.name for column in table.primary_key}
    changed = [c.name for c in written_columns(table) if c.name not in keys]
    names = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in changed)
    return f"ON CONFLICT ({', '.join(sorted(keys))}) DO UPDATE SET {names}"


def _json(value: Any) -> str:
    return to_json(value).decode()


def within(column: Any, period: str) -> ColumnElement[bool]:
    """That the month or semester in a column lies inside a period."""
    first, last = months_of(period)
    months = and_(func.length(column) == 8, column >= f"{first}m", column <= f"{last}m")
    semesters = semesters_in(period)
    if period.endswith("m"):
        return months
    if semesters is None:
        return or_(months, func.length(column) == 6)
    return or_(months, column.in_(semesters))
