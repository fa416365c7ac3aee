"""Partners' reports with their lines, claim packages, money received, approvals of plans."""

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "claim_packages",
        sa.Column("package_id", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("esf_cents", sa.BigInteger(), nullable=False),
        sa.Column("state_cents", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "esf_cents + state_cents = cents", name=op.f("claim_packages_split_is_whole")
        ),
        sa.PrimaryKeyConstraint("package_id", name=op.f("claim_packages_key")),
    )
    op.create_table(
        "fundings",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("funding_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "cents <> 0 AND (cents < 0) = (kind = 'repayment')", name=op.f("fundings_sign")
        ),
        sa.CheckConstraint(
            "kind IN ('advance', 'reimbursement', 'repayment')", name=op.f("fundings_kind")
        ),
        sa.PrimaryKeyConstraint("partner", "funding_id", name=op.f("fundings_key")),
    )
    op.create_table(
        "partner_reports",
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opening_cents", sa.BigInteger(), nullable=False),
        sa.Column("received_cents", sa.BigInteger(), nullable=False),
        sa.Column("spent_cents", sa.BigInteger(), nullable=False),
        sa.Column("closing_cents", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'verified') = (verified_by IS NOT NULL)",
            name=op.f("partner_reports_verified_by_one"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'verified')", name=op.f("partner_reports_state")
        ),
        sa.CheckConstraint(
            "closing_cents = opening_cents + received_cents - spent_cents",
            name=op.f("partner_reports_balance_adds_up"),
        ),
        sa.CheckConstraint("verified_by <> submitted_by", name=op.f("partner_reports_four_eyes")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("partner_reports_key")),
        sa.UniqueConstraint("partner", "period", name=op.f("partner_reports_one_partner_period")),
    )
    op.create_table(
        "plan_approvals",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "plan_version", "step", name=op.f("plan_approvals_key")),
    )
    op.create_table(
        "partner_report_lines",
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("support_type", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=True),
        sa.Column("project_id", sa.Text(), nullable=True),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("esf_cents", sa.BigInteger(), nullable=False),
        sa.Column("state_cents", sa.BigInteger(), nullable=False),
        sa.Column("evidence_kind", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("accepted_cents", sa.BigInteger(), nullable=True),
        sa.Column("accepted_esf_cents", sa.BigInteger(), nullable=True),
        sa.Column("accepted_state_cents", sa.BigInteger(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("package_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(cents > 0) = (kind = 'settled')", name=op.f("partner_report_lines_sign")
        ),
        sa.CheckConstraint(
            "decision IN ('accepted', 'reduced', 'rejected')",
            name=op.f("partner_report_lines_decision"),
        ),
        sa.CheckConstraint(
            "decision NOT IN ('reduced', 'rejected') OR reason_code IS NOT NULL",
            name=op.f("partner_report_lines_reason_given"),
        ),
        sa.CheckConstraint(
            "kind IN ('settled', 'returned', 'recovered')", name=op.f("partner_report_lines_kind")
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (accepted_cents IS NULL)",
            name=op.f("partner_report_lines_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "accepted_cents BETWEEN least(cents, 0) AND greatest(cents, 0)",
            name=op.f("partner_report_lines_accepted_at_most"),
        ),
        sa.CheckConstraint(
            "accepted_esf_cents + accepted_state_cents = accepted_cents",
            name=op.f("partner_report_lines_accepted_is_whole"),
        ),
        sa.CheckConstraint(
            "esf_cents + state_cents = cents", name=op.f("partner_report_lines_split_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["partner_reports.report_id"],
            name=op.f("partner_report_lines_of_partner_reports"),
        ),
        sa.PrimaryKeyConstraint("report_id", "line_no", name=op.f("partner_report_lines_key")),
        sa.UniqueConstraint(
            "order_id", "kind", "ref", name=op.f("partner_report_lines_one_order_id_kind_ref")
        ),
    )
    op.create_index(
        "partner_report_lines_to_claim",
        "partner_report_lines",
        ["report_id"],
        unique=False,
        postgresql_where=sa.text("package_id IS NULL"),
    )

    op.execute(
        "CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (NEW.order_id, NEW.kind, NEW.ref, NEW.cents, NEW.esf_cents, NEW.state_cents,"
        " NEW.support_type, NEW.booked_on) IS DISTINCT FROM (OLD.order_id, OLD.kind, OLD.ref,"
        " OLD.cents, OLD.esf_cents, OLD.state_cents, OLD.support_type, OLD.booked_on) THEN "
        "RAISE EXCEPTION 'a line of a submitted report never changes'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER partner_report_lines_frozen BEFORE UPDATE ON partner_report_lines "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(
        "partner_report_lines_to_claim",
        table_name="partner_report_lines",
        postgresql_where=sa.text("package_id IS NULL"),
    )
    op.drop_table("partner_report_lines")
    op.drop_table("plan_approvals")
    op.drop_table("partner_reports")
    op.drop_table("fundings")
    op.drop_table("claim_packages")
    op.execute("DROP FUNCTION refuse_rewriting()")
