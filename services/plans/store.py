"""The metadata of plans' database, and writing many rows with one statement."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import new_metadata
from shared.migrations import add_shared_tables
from shared.privacy import add_read_log

METADATA = add_shared_tables(new_metadata())
READ_LOG = add_read_log(METADATA)
MOMENT = DateTime(timezone=True)


async def write(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Iterable[str] = (),
    unless_newer: str | None = None,
) -> None:
    """Insert rows, or with keys replace those that are there, all by one statement.

    The rows travel as one JSON value, so their number does not matter to the statement.
    `unless_newer` names a column: a row stays where its value there is greater than the new one.
    All rows have the same fields.
    """
    if not rows:
        return
    names = tuple(keys)
    statement = _insert(table, tuple(rows[0]), names, unless_newer)
    await session.execute(statement, {"rows": _json(rows, names)})


@cache
def _insert(
    table: Table, sent: tuple[str, ...], keys: tuple[str, ...], unless_newer: str | None
) -> Any:
    """The statement that inserts or replaces rows; built once for each shape of rows."""
    given = _given(table, sent)
    new = insert(table).from_select([c.name for c in given.c], select(*given.c))
    if not keys:
        return new
    changed = {c.name: new.excluded[c.name] for c in given.c if c.name not in keys}
    older = None
    if unless_newer is not None:
        older = table.c[unless_newer] <= new.excluded[unless_newer]
    return new.on_conflict_do_update(index_elements=list(keys), set_=changed, where=older)


async def change(
    session: AsyncSession, table: Table, rows: Sequence[Mapping[str, Any]], *, keys: Sequence[str]
) -> None:
    """Change rows that are there, by one statement; with a version unless theirs is newer."""
    if not rows:
        return
    statement = _update(table, tuple(rows[0]), tuple(keys))
    await session.execute(statement, {"rows": _json(rows, keys)})


@cache
def _update(table: Table, sent: tuple[str, ...], keys: tuple[str, ...]) -> Any:
    """The statement that changes rows; built once for each shape of rows."""
    given = _given(table, sent)
    statement = (
        update(table)
        .values({c.name: given.c[c.name] for c in given.c if c.name not in keys})
        .where(*(table.c[key] == given.c[key] for key in keys))
    )
    if "version" in sent:
        statement = statement.where(table.c.version <= given.c.version)
    return statement


def _given(table: Table, sent_names: tuple[str, ...]) -> Any:
    """The rows that travel as `rows`, with the types of the table's columns."""
    columns = [column(c.name, c.type) for c in table.c if c.name in sent_names]
    sent = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), JSONB))
    return sent.table_valued(*columns, name="given").render_derived(with_types=True)


def _json(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> str:
    """Rows as JSON in the order of their keys, in which they are locked; of equal keys the last."""
    if not keys:
        return json.dumps(list(rows), default=_plain)
    kept = {tuple(row[key] for key in keys): row for row in rows}
    return json.dumps([kept[key] for key in sorted(kept)], default=_plain)


def among(key: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Rows whose key is among these; one parameter, however many there are."""
    return key == any_(bindparam(None, sorted(set(values)), type_=ARRAY(Text)))


def _plain(value: Any) -> Any:
    """Days, moments and values of ours as JSON knows them."""
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return row_of(value)
    raise TypeError(type(value).__name__)


def row_of(value: Any) -> dict[str, Any]:
    """The fields of a value of ours by name, nothing copied."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


@cache
def _readers(table: Table) -> Mapping[str, Callable[[str], Any]]:
    """How days and moments of a table are read from JSON."""
    readers: dict[str, Callable[[str], Any]] = {}
    for one in table.c:
        if isinstance(one.type, DateTime):
            readers[one.name] = datetime.fromisoformat
        elif isinstance(one.type, Date):
            readers[one.name] = _day
    return readers


def _day(text: str) -> date:
    """A day as PostgreSQL writes it; the first of all days stands for *always*."""
    return date.min if text == "-infinity" else date.fromisoformat(text)


def typed(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row that came as JSON, with days and moments as such."""
    readers = _readers(table)
    return {
        name: readers[name](value) if value is not None and name in readers else value
        for name, value in row.items()
    }
