"""Tables of allocations: how they stand, and the acts that made them; acts are only ever added."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from services.payments.tables import HOT, METADATA, sums, words

ALLOCATIONS = Table(
    "allocations",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("semester", Text, primary_key=True),
    # Empty while none was set.
    Column("allocated_cents", BigInteger),
    # Reserved for plans or ordered, of all plans of the partner in the semester.
    *sums("spoken_for_cents"),
    Column("version", Integer, nullable=False),
    CheckConstraint("spoken_for_cents >= 0", name="nothing_below_zero"),
    CheckConstraint("spoken_for_cents <= allocated_cents", name="within_allocation"),
    postgresql_with=HOT,
)
ALLOCATION_YEARS = Table(
    "allocation_years",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("school_year", Text, primary_key=True),
    Column("maximum_cents", BigInteger),
    Column("learners", Integer),
    *sums("allocated_cents"),
    Column("version", Integer, nullable=False),
    CheckConstraint("allocated_cents BETWEEN 0 AND maximum_cents", name="within_maximum"),
)
ALLOCATION_ACTS = Table(
    "allocation_acts",
    METADATA,
    Column("act_id", Text, primary_key=True),
    *words("kind", "partner", "semester"),
    Column("to_partner", Text),
    Column("to_semester", Text),
    *sums("cents"),
    Column("learners", Integer),
    *words("reason", "entered_by"),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("act_id", "entered_by"),
    CheckConstraint(
        "kind IN ('set', 'increase', 'decrease', 'transfer', 'yearly_maximum')", name="kind"
    ),
    CheckConstraint("cents > 0 OR cents = 0 AND kind IN ('set', 'yearly_maximum')", name="sum"),
    CheckConstraint("(kind = 'transfer') = (to_partner IS NOT NULL)", name="transfer_has_target"),
    Index("allocation_acts_by_partner", "partner", "act_id"),
)
ALLOCATION_DECISIONS = Table(
    "allocation_decisions",
    METADATA,
    Column("act_id", Text, primary_key=True),
    *words("decision", "entered_by", "decided_by", "comment"),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("decision IN ('approved', 'rejected')", name="decision"),
    CheckConstraint("decided_by <> entered_by", name="four_eyes"),
    # With it the act itself vouches for who entered it.
    ForeignKeyConstraint(
        ["act_id", "entered_by"], ["allocation_acts.act_id", "allocation_acts.entered_by"]
    ),
)
