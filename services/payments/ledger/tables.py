"""Tables of the ceiling ledger; sums are euro cents."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.payments.tables import HOT, METADATA, sums, words

PUPIL_MONTHS = Table(
    "pupil_months",
    METADATA,
    Column("row", BigInteger, Identity(always=True), primary_key=True),
    *words("pupil_ref", "month"),
    *sums("cap_cents", "reserved_cents", "ordered_cents"),
    # What of the ceiling other cells hold, or have not handed over yet; 0 where one cell pays.
    Column("elsewhere_cents", BigInteger, nullable=False, server_default="0"),
    # Whether the month's ceiling began here: it did where one cell pays.
    Column("begun_here", Boolean, nullable=False, server_default=text("true")),
    # What the cells say to each other of the month: shares/domain.py.
    Column("goes_to", Text),
    Column("owes_to", Text),
    Column("awaits", Text, nullable=False, server_default=""),
    Column("asked", Integer, nullable=False, server_default="0"),
    UniqueConstraint("pupil_ref", "month"),
    CheckConstraint("reserved_cents >= 0 AND ordered_cents >= 0", name="nothing_below_zero"),
    CheckConstraint("ordered_cents <= cap_cents", name="ordered_within_ceiling"),
    CheckConstraint(
        "elsewhere_cents >= 0 AND reserved_cents + ordered_cents + elsewhere_cents <= cap_cents",
        name="within_ceiling",
    ),
    postgresql_with=HOT,
)
ENTITLEMENTS = Table(
    "entitlements",
    METADATA,
    Column("row", BigInteger, Identity(always=True), primary_key=True),
    *words("plan_id", "measure_id", "month", "pupil_ref", "support_type"),
    Column("under_ceiling", Boolean, nullable=False),
    Column("plan_version", Integer, nullable=False),
    # What waits was planned and found no room in the partner's allocation.
    *sums("planned_cents", "reserved_cents", "ordered_cents", "waiting_cents"),
    CheckConstraint("reserved_cents >= 0 AND ordered_cents >= 0", name="nothing_below_zero"),
    CheckConstraint("waiting_cents BETWEEN 0 AND planned_cents", name="planned_waits"),
    UniqueConstraint("plan_id", "measure_id", "month"),
    Index("entitlements_by_pupil_month", "pupil_ref", "month"),
    Index("entitlements_waiting", "plan_id", postgresql_where=text("waiting_cents > 0")),
    postgresql_with=HOT,
)
