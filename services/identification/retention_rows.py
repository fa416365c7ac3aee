"""Tables of what was told once, and of proofs that something was erased."""

from sqlalchemy import BigInteger, Column, Date, Identity, Integer, Table, Text

from services.identification.store import METADATA, moment, word

TOLD_SEEDS = Table(
    "told_seeds",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    moment("told_at"),
)

ERASURES = Table(
    "erasures",
    METADATA,
    Column("erasure_id", BigInteger, Identity(always=True), primary_key=True),
    word("record_class"),
    Column("left_before", Date, nullable=False),
    Column("pupils", Integer, nullable=False),
    word("digest"),
    moment("erased_at"),
)
