"""The table of what persons decided about returned orders."""

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Table, Text

from services.payments.tables import METADATA, words

REPAIRS = Table(
    "repairs",
    METADATA,
    # The order that was returned; it is decided about once.
    Column("order_id", Text, primary_key=True),
    *words("partner", "decision", "reason", "decided_by"),
    Column("new_order_id", Text),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("decision IN ('pay_again', 'give_up')", name="decision"),
    CheckConstraint("(decision = 'pay_again') = (new_order_id IS NOT NULL)", name="paid_anew"),
    Index("repairs_by_new_order", "new_order_id", unique=True),
)
