"""The table of how persons settled what fitted no order."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Table, Text

from services.payments.tables import METADATA, words

RESOLUTIONS = Table(
    "resolutions",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("report_id", Text, primary_key=True),
    *words("decision", "reason", "proposed_by"),
    Column("order_id", Text),
    # What the line says of the order, where the bank did not say it clearly.
    Column("outcome", Text),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    CheckConstraint("decision IN ('order', 'not_ours')", name="decision"),
    CheckConstraint("(decision = 'order') = (order_id IS NOT NULL)", name="order_chosen"),
    CheckConstraint("(decision = 'order') = (outcome IS NOT NULL)", name="outcome_told"),
    CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
    CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approved_once"),
    Index("resolutions_by_order", "order_id"),
)
