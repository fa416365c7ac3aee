"""The table of money asked back."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Index, Table, Text

from services.payments.tables import METADATA, sums, words

DEMANDS = Table(
    "demands",
    METADATA,
    Column("demand_id", Text, primary_key=True),
    *words("partner", "order_id", "about_key", "state", "reason_code", "reason", "entered_by"),
    *sums("cents"),
    Column("recovered_cents", BigInteger, nullable=False, server_default="0"),
    Column("pay_until", Date, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("letter_by", Text),
    Column("letter_at", DateTime(timezone=True)),
    CheckConstraint("state IN ('due', 'letter', 'booked')", name="state"),
    CheckConstraint("cents > 0 AND recovered_cents BETWEEN 0 AND cents", name="at_most"),
    CheckConstraint("(state = 'booked') = (recovered_cents = cents)", name="booked_whole"),
    CheckConstraint("state <> 'letter' OR letter_at IS NOT NULL", name="letter_written"),
    Index("demands_by_order", "order_id"),
    Index("demands_by_partner", "partner", "demand_id"),
)
