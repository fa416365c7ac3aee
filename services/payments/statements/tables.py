"""Tables of what banks answered: messages, lines, and how persons settled what fitted nothing.

No name and no account stands here; an account is a keyed reference that can only be compared.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
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
RESOLUTIONS = Table(
    "resolutions",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("report_id", Text, primary_key=True),
    *words("decision", "reason", "proposed_by"),
    Column("order_id", Text),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    CheckConstraint("decision IN ('order', 'not_ours')", name="decision"),
    CheckConstraint("(decision = 'order') = (order_id IS NOT NULL)", name="order_chosen"),
    CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved_once"),
    Index("resolutions_by_order", "order_id"),
)
