"""The table of evidence claimed in the country."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Table, Text, text

from services.payments.tables import METADATA, words

EVIDENCE_CLAIMS = Table(
    "evidence_claims",
    METADATA,
    # Orders of all cells; one told of again, under whatever number, is known by its id. While the
    # key changes, it is told under both, so with two references of the same evidence.
    Column("order_id", Text, primary_key=True),
    Column("evidence_ref", Text, primary_key=True),
    *words("source", "standing"),
    Column("claimed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("standing IN ('first', 'part', 'late', 'released')", name="standing"),
    Index(
        "evidence_claims_one_first",
        "evidence_ref",
        unique=True,
        postgresql_where=text("standing = 'first'"),
    ),
    Index("evidence_claims_in_lines", "evidence_ref", postgresql_where=text("standing = 'part'")),
)
