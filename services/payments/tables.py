"""Tables of payments; sums are euro cents."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db import new_metadata
from shared.migrations import add_shared_tables
from shared.privacy import add_read_log

METADATA = add_shared_tables(new_metadata())
READ_LOG = add_read_log(METADATA)
HOT = {"fillfactor": 70}
EVERY_ROW_HOT = {"fillfactor": 50}
"""Room for all rows of a page to be written anew at once, as a bulk of moves does."""
PAID_INSTALMENT = "CASE WHEN state <> 'returned' THEN instalment_no END"


def words(*names: str) -> list[Column[Any]]:
    """Text columns that must be filled."""
    return [Column(name, Text, nullable=False) for name in names]


def sums(*names: str) -> list[Column[Any]]:
    """Columns of euro cents."""
    return [Column(name, BigInteger, nullable=False) for name in names]


BENEFICIARIES = Table(
    "beneficiaries",
    METADATA,
    # Who is paid for: a pupil or a project. Its row is locked before anything about it is told.
    Column("about_key", Text, primary_key=True),
)
PLANS = Table(
    "plans",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    *words(
        "plan_code", "pupil_ref", "partner", "school_id", "municipality_id", "semester", "state"
    ),
    Column("fact_version", Integer, nullable=False),
    *sums("preparation_cents_max"),
    CheckConstraint("state IN ('approved', 'suspended', 'closed', 'deleted')", name="state"),
    Index("plans_by_pupil", "pupil_ref"),
    Index("plans_by_partner", "partner", "semester"),
)
PLAN_VERSIONS = Table(
    "plan_versions",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("measures", JSONB, nullable=False),
    Column("approved_at", DateTime(timezone=True), nullable=False),
    # Programme, grade and risk groups of the pupil, as the version was approved for.
    Column("pupil", JSONB, nullable=False),
    Column("ended_by", Text),
)
PLAN_APPROVALS = Table(
    "plan_approvals",
    METADATA,
    # Who approved which version of a plan at which level; an auditor follows a payment here.
    Column("plan_id", Text, primary_key=True),
    Column("plan_version", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, primary_key=True),
    *words("approver"),
    Column("approved_at", DateTime(timezone=True), nullable=False),
)
CONSULTATIONS = Table(
    "consultations",
    METADATA,
    Column("consultation_id", Text, primary_key=True),
    *words("plan_id", "measure_id", "pupil_ref", "provider_ref", "provider_kind", "mode"),
    Column("held_on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
)
PREPARATIONS = Table(
    "preparations",
    METADATA,
    Column("plan_id", Text, primary_key=True),
    Column("fact_version", Integer, primary_key=True, autoincrement=False),
    *words("preparer_ref"),
    Column("minutes", Integer, nullable=False),
    Column("earned_on", Date, nullable=False),
)
PAYEES = Table(
    "payees",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("payee_id", Text, primary_key=True),
    *words("kind"),
    Column("version", Integer, nullable=False),
    # Name, account, code and place of the payee as one sealed JSON text.
    Column("sealed", LargeBinary, nullable=False),
    *words("account_shown", "entered_by"),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)
CLAIMS = Table(
    "claims",
    METADATA,
    Column("claim_id", Text, primary_key=True),
    *words("plan_id", "partner", "school_id", "state", "entered_by"),
    *sums("asked_cents"),
    # The claim as it was submitted (JSON), evidence included; what it became stands in its order.
    Column("submitted", Text, nullable=False),
    Column("digest", LargeBinary),
    Column("order_id", Text),
    Column("code", Text),
    Column("explanation", JSONB),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    # The digest of the whole paper, where the claim stands on a line of one.
    Column("paper", LargeBinary),
    CheckConstraint("state IN ('accepted', 'refused', 'returned', 'cancelled')", name="state"),
    CheckConstraint("(state = 'refused') = (order_id IS NULL)", name="ordered_or_refused"),
    Index(
        "claims_one_payment_per_evidence",
        "digest",
        unique=True,
        postgresql_where=text("state = 'accepted'"),
    ),
    Index(
        "claims_by_line",
        "paper",
        postgresql_where=text("state = 'accepted' AND paper IS NOT NULL"),
    ),
)
ORDERS = Table(
    "orders",
    METADATA,
    Column("order_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    *words("state", "about_key", "partner", "municipality_id", "support_type", "month"),
    Column("claim_id", Text),
    Column("plan_id", Text),
    Column("plan_version", Integer),
    Column("plan_code", Text),
    Column("measure_id", Text),
    Column("pupil_ref", Text),
    Column("school_id", Text),
    Column("semester", Text),
    Column("project_id", Text),
    Column("instalment_no", Integer),
    Column("service_date", Date, nullable=False),
    *sums("cents", "esf_cents", "state_cents"),
    *words("payee_id", "payee_kind", "entered_by"),
    Column("ordered_at", DateTime(timezone=True), nullable=False),
    # What is known of its evidence in the country; null where no paper stands behind it.
    Column("evidence", Text),
    Column("approved_by", Text),
    Column("approved_at", DateTime(timezone=True)),
    Column("file_id", Text),
    Column("booked_on", Date),
    Column("reason_code", Text),
    Column("recovered_cents", BigInteger, nullable=False, server_default="0"),
    Column("cancelled_by", Text),
    Column("cancelled_on", Date),
    # The version of the payee its bank file pays to.
    Column("payee_version", Integer),
    # The instalment it pays, until it is returned: an index on the state would be written anew
    # whenever an order moves.
    Column("paid_instalment", Integer, Computed(PAID_INSTALMENT, persisted=True)),
    CheckConstraint("cents > 0 AND esf_cents >= 0 AND state_cents >= 0", name="sums"),
    CheckConstraint("esf_cents + state_cents = cents", name="split_is_whole"),
    CheckConstraint("approved_by <> entered_by", name="four_eyes"),
    CheckConstraint(
        "state = 'cancelled' OR (state = 'draft') = (approved_by IS NULL)",
        name="approved_by_somebody",
    ),
    CheckConstraint(
        "(state = 'cancelled') = (cancelled_by IS NOT NULL)", name="cancelled_by_somebody"
    ),
    CheckConstraint(
        "(file_id IS NULL) = (state IN ('draft', 'approved', 'cancelled'))", name="filed_by_state"
    ),
    CheckConstraint("evidence IN ('alone', 'pending', 'first', 'elsewhere')", name="evidence"),
    CheckConstraint(
        "evidence NOT IN ('pending', 'elsewhere') OR state IN ('draft', 'approved', 'cancelled')",
        name="paid_once_in_the_country",
    ),
    CheckConstraint("file_id IS NULL OR payee_version IS NOT NULL", name="paid_to_a_version"),
    CheckConstraint("recovered_cents BETWEEN 0 AND cents", name="recovered_at_most"),
    CheckConstraint(
        "state IN ('draft', 'approved', 'in_file', 'sent', 'settled', 'returned', 'unknown',"
        " 'cancelled')",
        name="state",
    ),
    Index(
        "orders_one_per_instalment",
        "project_id",
        "paid_instalment",
        unique=True,
        postgresql_where=text("project_id IS NOT NULL"),
    ),
    # No index holds a column that changes while an order moves, except once: into its file.
    Index("orders_by_partner_and_file", "partner", "file_id", "order_id"),
    postgresql_with=EVERY_ROW_HOT,
)
BANK_FILES = Table(
    "bank_files",
    METADATA,
    Column("file_id", Text, primary_key=True),
    *words("partner", "sha256", "issued_by"),
    Column("execution_date", Date, nullable=False),
    Column("part", Integer, nullable=False),
    Column("payments", Integer, nullable=False),
    *sums("cents"),
    Column("size", BigInteger, nullable=False),
    Column("warnings", JSONB, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    # An office asks for what came after the last number it saw.
    Column("number", BigInteger, Identity(always=True), nullable=False),
    UniqueConstraint("partner", "execution_date", "part"),
    Index("bank_files_by_number", "partner", "number", unique=True),
)
BANK_FILE_CHUNKS = Table(
    "bank_file_chunks",
    METADATA,
    Column("file_id", Text, primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)
REPORTS = Table(
    "reports",
    METADATA,
    Column("partner", Text, primary_key=True),
    Column("report_id", Text, primary_key=True),
    *words("order_id", "outcome", "result"),
    *sums("cents"),
    Column("booked_on", Date, nullable=False),
    Column("reason_code", Text),
    Column("code", Text),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("outcome IN ('settled', 'returned', 'unknown')", name="outcome"),
    CheckConstraint(
        "result IN ('applied', 'repeated', 'work_list', 'resolved', 'not_ours')", name="result"
    ),
    Index("reports_work_list", "partner", postgresql_where=text("result = 'work_list'")),
    Index(
        "reports_not_settled", "partner", "order_id", postgresql_where=text("outcome <> 'settled'")
    ),
)
RECOVERIES = Table(
    "recoveries",
    METADATA,
    Column("recovery_id", Text, primary_key=True),
    *words("partner", "about_key", "reason_code", "state"),
    Column("order_id", Text),
    *sums("cents"),
    Column("booked_on", Date),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state IN ('due', 'booked')", name="state"),
)
