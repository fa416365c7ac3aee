"""Tables of partners' reports: money received, reports, their lines, claim packages. Cents."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.payments.tables import METADATA, sums, words

FUNDINGS = Table(
    "fundings",
    METADATA,
    # What the state paid a partner in advance or afterwards, and what it got back (below zero).
    Column("partner", Text, primary_key=True),
    Column("funding_id", Text, primary_key=True),
    *words("kind"),
    *sums("cents"),
    Column("booked_on", Date, nullable=False),
    *words("entered_by"),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("report_id", Text),
    CheckConstraint("kind IN ('advance', 'reimbursement', 'repayment')", name="kind"),
    CheckConstraint("cents <> 0 AND (cents < 0) = (kind = 'repayment')", name="sign"),
)
PARTNER_REPORTS = Table(
    "partner_reports",
    METADATA,
    Column("report_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    *words("partner", "municipality_id", "period", "state"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    *sums("opening_cents", "received_cents", "spent_cents", "closing_cents"),
    Column("lines", Integer, nullable=False),
    Column("evidence", Integer, nullable=False),
    *words("submitted_by"),
    Column("submitted_at", DateTime(timezone=True), nullable=False),
    Column("verified_by", Text),
    Column("verified_at", DateTime(timezone=True)),
    UniqueConstraint("partner", "period"),
    CheckConstraint("state IN ('submitted', 'verified')", name="state"),
    CheckConstraint("(state = 'verified') = (verified_by IS NOT NULL)", name="verified_by_one"),
    CheckConstraint("verified_by <> submitted_by", name="four_eyes"),
    CheckConstraint(
        "closing_cents = opening_cents + received_cents - spent_cents", name="balance_adds_up"
    ),
)
PARTNER_REPORT_LINES = Table(
    "partner_report_lines",
    METADATA,
    Column("report_id", Text, ForeignKey("partner_reports.report_id"), primary_key=True),
    Column("line_no", Integer, primary_key=True, autoincrement=False),
    *words("order_id", "kind"),
    # Which recovery an opposite line is; empty where an order has one line of its kind.
    *words("ref"),
    *words("support_type", "month"),
    Column("plan_code", Text),
    Column("project_id", Text),
    Column("service_date", Date, nullable=False),
    Column("booked_on", Date, nullable=False),
    *sums("cents", "esf_cents", "state_cents"),
    Column("evidence_kind", Text),
    Column("digest", LargeBinary),
    Column("decision", Text),
    Column("accepted_cents", BigInteger),
    Column("accepted_esf_cents", BigInteger),
    Column("accepted_state_cents", BigInteger),
    Column("reason_code", Text),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("package_id", Text),
    UniqueConstraint("order_id", "kind", "ref"),
    CheckConstraint("kind IN ('settled', 'returned', 'recovered')", name="kind"),
    CheckConstraint("(cents > 0) = (kind = 'settled')", name="sign"),
    CheckConstraint("esf_cents + state_cents = cents", name="split_is_whole"),
    CheckConstraint("decision IN ('accepted', 'reduced', 'rejected')", name="decision"),
    CheckConstraint(
        "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (accepted_cents IS"
        " NULL)",
        name="decided_by_somebody",
    ),
    CheckConstraint(
        "accepted_esf_cents + accepted_state_cents = accepted_cents", name="accepted_is_whole"
    ),
    CheckConstraint(
        "accepted_cents BETWEEN least(cents, 0) AND greatest(cents, 0)", name="accepted_at_most"
    ),
    CheckConstraint(
        "decision NOT IN ('reduced', 'rejected') OR reason_code IS NOT NULL", name="reason_given"
    ),
    Index(
        "partner_report_lines_to_claim",
        "report_id",
        postgresql_where=text("package_id IS NULL"),
    ),
)
CLAIM_PACKAGES = Table(
    "claim_packages",
    METADATA,
    Column("package_id", Text, primary_key=True),
    Column("last_day", Date, nullable=False),
    Column("lines", Integer, nullable=False),
    *sums("cents", "esf_cents", "state_cents"),
    *words("made_by", "sha256"),
    Column("made_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("esf_cents + state_cents = cents", name="split_is_whole"),
)
