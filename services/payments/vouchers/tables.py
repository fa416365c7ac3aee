"""The table of vouchers; a number is issued once and never again."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, Table, Text

from services.payments.tables import METADATA, sums, words

VOUCHERS = Table(
    "vouchers",
    METADATA,
    Column("voucher_no", Text, primary_key=True),
    *words("batch_id", "partner", "school_id", "plan_id", "measure_id", "pupil_ref", "month"),
    Column("expires_on", Date, nullable=False),
    *sums("cents"),
    *words("state", "issued_by"),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("activated_by", Text),
    Column("activated_at", DateTime(timezone=True)),
    # The meal it was handed in for, and the caterer who is to be paid.
    Column("served_on", Date),
    Column("payee_id", Text),
    Column("redeemed_by", Text),
    Column("redeemed_at", DateTime(timezone=True)),
    Column("voided_by", Text),
    Column("voided_at", DateTime(timezone=True)),
    CheckConstraint(
        "state IN ('issued', 'active', 'redeemed', 'expired', 'cancelled')", name="state"
    ),
    CheckConstraint("cents > 0", name="worth_something"),
    CheckConstraint("(state = 'redeemed') = (served_on IS NOT NULL)", name="redeemed_for_a_day"),
    CheckConstraint("(served_on IS NULL) = (payee_id IS NULL)", name="redeemed_by_a_caterer"),
    CheckConstraint(
        "(state IN ('expired', 'cancelled')) = (voided_at IS NOT NULL)", name="void_has_a_time"
    ),
    Index("vouchers_by_batch", "batch_id", "voucher_no"),
    Index("vouchers_of_plan", "plan_id", "measure_id", "month"),
    Index("vouchers_by_partner", "partner", "voucher_no"),
)
