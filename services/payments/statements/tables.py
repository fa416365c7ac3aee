"""Tables of what banks answered: messages and their lines.

No name and no account stands here; an account is a keyed reference that can only be compared.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.payments.tables import METADATA, words

BANK_MESSAGES = Table(
    "bank_messages",
    METADATA,
    Column("message_no", BigInteger, Identity(always=True), primary_key=True),
    *words("partner", "sha256", "kind", "version", "message_id", "taken_by"),
    Column("size", BigInteger, nullable=False),
    # What became of it: counts, codes, totals of statements.
    Column("summary", JSONB, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("partner", "sha256"),
)
BANK_LINES = Table(
    "bank_lines",
    METADATA,
    Column("message_no", BigInteger, primary_key=True, autoincrement=False),
    Column("no", Integer, primary_key=True, autoincrement=False),
    *words(
        "report_id",
        "statement_id",
        "entry_ref",
        "bank_ref",
        "end_to_end_id",
        "about_file",
        "outcome",
    ),
    Column("unfit", Text),
    Column("cents", BigInteger),
    *words("currency"),
    Column("booked_on", Date, nullable=False),
    Column("reason_code", Text),
    *words("account_ref", "mentioned"),
    Column("source_line", Integer, nullable=False),
    Index("bank_lines_by_order", "end_to_end_id", "report_id"),
)
