"""Many rows by one statement: arrays go in, one for each column."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Table, text
from sqlalchemy.dialects.postgresql import dialect
from sqlalchemy.sql.elements import TextClause

_POSTGRES = dialect()  # type: ignore[no-untyped-call]  # the dialect module carries no types


@cache
def written_columns(table: Table) -> Sequence[Column[Any]]:
    """The columns somebody writes; numbered and computed ones fill themselves."""
    return [column for column in table.c if column.identity is None and column.computed is None]


def one_text(values: Iterable[object]) -> str:
    """Numbers, or words without spaces, as one text for `string_to_array(:name, ' ')`.

    Of an array the driver looks at every value, whether it is a list itself; that costs more than
    all else that is done to a value on its way.
    """
    return " ".join(map(str, values))


@cache
def insert_statement(table: Table, tail: str) -> TextClause:
    """`INSERT ... SELECT FROM unnest(...)` of all written columns, each a parameter of its name.

    `tail` goes behind: ON CONFLICT, RETURNING.
    """
    columns = written_columns(table)
    names = ", ".join(f'"{column.name}"' for column in columns)
    arrays = ", ".join(
        f"CAST(:{column.name} AS {column.type.compile(_POSTGRES)}[])" for column in columns
    )
    return text(f'INSERT INTO "{table.name}" ({names}) SELECT * FROM unnest({arrays}) {tail}')  # noqa: S608 - names of our own tables
