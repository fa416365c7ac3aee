"""Plans as payments hears of them, and the ceiling ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "beneficiaries",
        sa.Column("about_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("about_key", name=op.f("beneficiaries_key")),
    )
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fact_version", sa.Integer(), nullable=False),
        sa.Column("preparation_cents_max", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state IN ('approved', 'suspended', 'closed', 'deleted')", name=op.f("plans_state")
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("plans_key")),
    )
    op.create_index("plans_by_pupil", "plans", ["pupil_ref"], unique=False)
    op.create_table(
        "plan_versions",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("plan_versions_key")),
    )
    op.create_table(
        "pupil_months",
        sa.Column("row", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("reserved_cents", sa.BigInteger(), nullable=False),
        sa.Column("ordered_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "ordered_cents <= cap_cents", name=op.f("pupil_months_ordered_within_ceiling")
        ),
        sa.CheckConstraint(
            "reserved_cents + ordered_cents <= cap_cents", name=op.f("pupil_months_within_ceiling")
        ),
        sa.CheckConstraint(
            "reserved_cents >= 0 AND ordered_cents >= 0",
            name=op.f("pupil_months_nothing_below_zero"),
        ),
        sa.PrimaryKeyConstraint("row", name=op.f("pupil_months_key")),
        sa.UniqueConstraint("pupil_ref", "month", name=op.f("pupil_months_one_pupil_ref_month")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "entitlements",
        sa.Column("row", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("measure_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("support_type", sa.Text(), nullable=False),
        sa.Column("under_ceiling", sa.Boolean(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("planned_cents", sa.BigInteger(), nullable=False),
        sa.Column("reserved_cents", sa.BigInteger(), nullable=False),
        sa.Column("ordered_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reserved_cents >= 0 AND ordered_cents >= 0",
            name=op.f("entitlements_nothing_below_zero"),
        ),
        sa.PrimaryKeyConstraint("row", name=op.f("entitlements_key")),
        sa.UniqueConstraint(
            "plan_id", "measure_id", "month", name=op.f("entitlements_one_plan_id_measure_id_month")
        ),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "entitlements_by_pupil_month", "entitlements", ["pupil_ref", "month"], unique=False
    )
    op.create_table(
        "consultations",
        sa.Column("consultation_id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("measure_id", sa.Text(), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("provider_kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("consultations_key")),
    )
    op.create_table(
        "preparations",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("fact_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("preparer_ref", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "fact_version", name=op.f("preparations_key")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("preparations")
    op.drop_table("consultations")
    op.drop_table("entitlements")
    op.drop_table("pupil_months")
    op.drop_table("plan_versions")
    op.drop_table("plans")
    op.drop_table("beneficiaries")
