"""The table of evidence claimed in the country."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Table, Text, text

from services.payments.tables import METADATA, words

EVIDENCE_CLAIMS = Table(
    "evidence_claims",
    METADATA,
    # Orders of all cells; one told of again, under whatever number, is known by its id.
    Column("order_id", Text, primary_key=True),
    *words("evidence_ref", "source", "standing"),
    Column("claimed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("standing IN ('first', 'late', 'released')", name="standing"),
    Index(
        "evidence_claims_one_first",
        "evidence_ref",
        unique=True,
        postgresql_where=text("standing = 'first'"),
    ),
)
