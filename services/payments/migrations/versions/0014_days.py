"""Days: who was away, practice, days claimed, cases; pupils and ends of versions; vouchers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.add_column(
        "plan_versions",
        sa.Column(
            "pupil",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default=sa.text("'{}'"),
        ),
    )
    op.alter_column("plan_versions", "pupil", server_default=None)
    op.add_column("plan_versions", sa.Column("ended_by", sa.Text(), nullable=True))
    op.create_table(
        "absent_days",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pupil_ref", "day", name=op.f("absent_days_key")),
    )
    op.create_table(
        "practices",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("pupil_ref", "order_id", name=op.f("practices_key")),
    )
    op.create_table(
        "claimed_days",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("support_type", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("pupil_ref", "support_type", "day", name=op.f("claimed_days_key")),
    )
    op.create_index("claimed_days_by_holder", "claimed_days", ["held_by"], unique=False)
    op.create_table(
        "day_cases",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("support_type", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'withdrawn', 'recover', 'keep')", name=op.f("day_cases_state")
        ),
        sa.CheckConstraint(
            "(state IN ('recover', 'keep')) = (decided_by IS NOT NULL)",
            name=op.f("day_cases_decided_by_somebody"),
        ),
        sa.CheckConstraint("cents >= 0", name=op.f("day_cases_nothing_below_zero")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("day_cases_key")),
    )
    op.create_index("day_cases_of_pupil", "day_cases", ["pupil_ref", "day"], unique=False)
    op.create_index(
        "day_cases_by_partner", "day_cases", ["partner", "state", "case_id"], unique=False
    )
    _vouchers()


def _vouchers() -> None:
    """The table of vouchers."""
    words = ("batch_id", "partner", "school_id", "plan_id", "measure_id", "pupil_ref", "month")
    op.create_table(
        "vouchers",
        sa.Column("voucher_no", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in words),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_by", sa.Text(), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("payee_id", sa.Text(), nullable=True),
        sa.Column("redeemed_by", sa.Text(), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Text(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('issued', 'active', 'redeemed', 'expired', 'cancelled')",
            name=op.f("vouchers_state"),
        ),
        sa.CheckConstraint("cents > 0", name=op.f("vouchers_worth_something")),
        sa.CheckConstraint(
            "(state = 'redeemed') = (served_on IS NOT NULL)",
            name=op.f("vouchers_redeemed_for_a_day"),
        ),
        sa.CheckConstraint(
            "(served_on IS NULL) = (payee_id IS NULL)", name=op.f("vouchers_redeemed_by_a_caterer")
        ),
        sa.CheckConstraint(
            "(state IN ('expired', 'cancelled')) = (voided_at IS NOT NULL)",
            name=op.f("vouchers_void_has_a_time"),
        ),
        sa.PrimaryKeyConstraint("voucher_no", name=op.f("vouchers_key")),
    )
    op.create_index("vouchers_by_batch", "vouchers", ["batch_id", "voucher_no"], unique=False)
    op.create_index(
        "vouchers_of_plan", "vouchers", ["plan_id", "measure_id", "month"], unique=False
    )
    op.create_index("vouchers_by_partner", "vouchers", ["partner", "voucher_no"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    for table in ("vouchers", "day_cases", "claimed_days", "practices", "absent_days"):
        op.drop_table(table)
    op.drop_column("plan_versions", "ended_by")
    op.drop_column("plan_versions", "pupil")
