"""Payees, claims with evidence, orders, recoveries; who read what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "payees",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("payee_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_shown", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("partner", "payee_id", name=op.f("payees_key")),
    )
    op.create_table(
        "claims",
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("asked_cents", sa.BigInteger(), nullable=False),
        sa.Column("submitted", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'refused') = (order_id IS NULL)", name=op.f("claims_ordered_or_refused")
        ),
        sa.CheckConstraint(
            "state IN ('accepted', 'refused', 'returned')", name=op.f("claims_state")
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("claims_key")),
    )
    op.create_index(
        "claims_one_payment_per_evidence",
        "claims",
        ["digest"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("about_key", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("support_type", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=True),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("plan_code", sa.Text(), nullable=True),
        sa.Column("measure_id", sa.Text(), nullable=True),
        sa.Column("pupil_ref", sa.Text(), nullable=True),
        sa.Column("school_id", sa.Text(), nullable=True),
        sa.Column("semester", sa.Text(), nullable=True),
        sa.Column("project_id", sa.Text(), nullable=True),
        sa.Column("instalment_no", sa.Integer(), nullable=True),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("esf_cents", sa.BigInteger(), nullable=False),
        sa.Column("state_cents", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.Text(), nullable=False),
        sa.Column("payee_kind", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_id", sa.Text(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("recovered_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') = (approved_by IS NULL)", name=op.f("orders_approved_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'in_file', 'sent', 'settled', 'returned', 'unknown')",
            name=op.f("orders_state"),
        ),
        sa.CheckConstraint("approved_by <> entered_by", name=op.f("orders_four_eyes")),
        sa.CheckConstraint(
            "cents > 0 AND esf_cents >= 0 AND state_cents >= 0", name=op.f("orders_sums")
        ),
        sa.CheckConstraint("esf_cents + state_cents = cents", name=op.f("orders_split_is_whole")),
        sa.CheckConstraint(
            "recovered_cents BETWEEN 0 AND cents", name=op.f("orders_recovered_at_most")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("orders_key")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "orders_by_partner_and_state", "orders", ["partner", "state", "order_id"], unique=False
    )
    op.create_index(
        "orders_one_per_instalment",
        "orders",
        ["project_id", "instalment_no"],
        unique=True,
        postgresql_where=sa.text("project_id IS NOT NULL"),
    )
    op.create_table(
        "recoveries",
        sa.Column("recovery_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("about_key", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('due', 'booked')", name=op.f("recoveries_state")),
        sa.PrimaryKeyConstraint("recovery_id", name=op.f("recoveries_key")),
    )
    op.create_table(
        "read_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("read_log_key")),
    )
    op.create_index("read_log_by_subject", "read_log", ["subject_ref", "id"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("read_log")
    op.drop_table("recoveries")
    op.drop_table("orders")
    op.drop_table("claims")
    op.drop_table("payees")
