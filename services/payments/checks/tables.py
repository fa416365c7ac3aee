"""The table of comparisons; they are only ever added."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.payments.tables import METADATA, words

BOOK_CHECKS = Table(
    "book_checks",
    METADATA,
    Column("row", BigInteger, Identity(always=True), primary_key=True),
    *words("name"),
    Column("checked_at", DateTime(timezone=True), nullable=False),
    Column("compared", Integer, nullable=False),
    Column("differing", Integer, nullable=False),
    Column("differences", JSONB, nullable=False),
    CheckConstraint("differing BETWEEN 0 AND compared", name="differing_at_most"),
    Index("book_checks_by_name", "name", "checked_at"),
)
