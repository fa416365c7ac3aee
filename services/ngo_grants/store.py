"""The service's metadata and what its tables have in common.

Each `*_rows` module holds the tables of one noun and the named functions that ask and change them.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, Text

from shared.db import new_metadata
from shared.migrations import add_shared_tables
from shared.privacy import add_read_log

METADATA = add_shared_tables(new_metadata())
READ_LOG = add_read_log(METADATA)


def words(*names: str) -> list[Column[Any]]:
    """Text columns that must be filled."""
    return [Column(name, Text, nullable=False) for name in names]


def moments(*names: str, nullable: bool = False) -> list[Column[Any]]:
    """Columns of moments."""
    return [Column(name, DateTime(timezone=True), nullable=nullable) for name in names]


def one_of(column: str, values: Iterable[StrEnum | str]) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in sorted(values))
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
