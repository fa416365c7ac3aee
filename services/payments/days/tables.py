"""Tables of days: who was away, who practised, which are claimed, what a person must look at."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
)

from services.payments.tables import METADATA, sums, words

ABSENT_DAYS = Table(
    "absent_days",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("version", Integer, nullable=False),
    *words("presence"),
)
PRACTICES = Table(
    "practices",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("order_id", Text, primary_key=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    # The first day on which an order that was taken back does not hold.
    Column("ended_on", Date),
)
CLAIMED_DAYS = Table(
    "claimed_days",
    METADATA,
    Column("pupil_ref", Text, primary_key=True),
    Column("support_type", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    # The order that pays the day, or the voucher that was redeemed for it and is not claimed yet.
    *words("held_by", "plan_id"),
    # True where the claim named a month and how many days, not which.
    Column("assumed", Boolean, nullable=False),
    Column("voucher_no", Text),
    Index("claimed_days_by_holder", "held_by"),
)
FREED_DAYS = Table(
    "freed_days",
    METADATA,
    # What an order held that was returned or cancelled: paid again, it needs the same days.
    Column("held_by", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    *words("pupil_ref", "support_type", "plan_id"),
    Column("assumed", Boolean, nullable=False),
    Column("voucher_no", Text),
)
DAY_CASES = Table(
    "day_cases",
    METADATA,
    Column("case_id", Text, primary_key=True),
    *words("partner", "order_id", "pupil_ref", "support_type", "reason_code", "state"),
    Column("day", Date, nullable=False),
    Column("assumed", Boolean, nullable=False),
    *sums("cents"),
    Column("noted_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("comment", Text),
    CheckConstraint("state IN ('open', 'withdrawn', 'recover', 'keep')", name="state"),
    CheckConstraint(
        "(state IN ('recover', 'keep')) = (decided_by IS NOT NULL)", name="decided_by_somebody"
    ),
    CheckConstraint("cents >= 0", name="nothing_below_zero"),
    Index("day_cases_of_pupil", "pupil_ref", "day"),
    Index("day_cases_by_partner", "partner", "state", "case_id"),
)
