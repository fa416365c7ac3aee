"""Pupils, plans, versions, approvals, consultations, and what payments told."""

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
        "applications",
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("signer_kind", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("application_id", name=op.f("applications_key")),
    )
    op.create_index("applications_by_pupil", "applications", ["pupil_ref"], unique=False)
    op.create_table(
        "ceilings",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("ceilings_key")),
    )
    op.create_table(
        "entitlements",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("reserved_cents", sa.BigInteger(), nullable=False),
        sa.Column("refused_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("entitlements_key")),
    )
    op.create_table(
        "head_orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("plan_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("provider_refs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("confirmation_kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'practice' OR place <> ''", name=op.f("head_orders_practice_has_place")
        ),
        sa.CheckConstraint("kind IN ('remote', 'practice')", name=op.f("head_orders_kind_known")),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("head_orders_dates_in_order")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("head_orders_key")),
    )
    op.create_index(
        "head_orders_by_plan", "head_orders", ["plan_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "head_orders_by_school", "head_orders", ["school_id", "issued_on"], unique=False
    )
    op.create_table(
        "namings",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("risk_groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.Column("cleared", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("pupil_ref", "semester", name=op.f("namings_key")),
    )
    op.create_index("namings_by_semester", "namings", ["semester", "pupil_ref"], unique=False)
    op.create_table(
        "providers",
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("provider_no", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("provider_ref", name=op.f("providers_key")),
        sa.UniqueConstraint("provider_no", name=op.f("providers_one_provider_no")),
    )
    op.create_table(
        "pupils",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("sex", sa.Text(), server_default="unknown", nullable=False),
        sa.Column("signs_alone_from", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("pupil_ref", name=op.f("pupils_key")),
    )
    op.create_index("pupils_by_school", "pupils", ["school_id"], unique=False)
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
    op.create_table(
        "refused_months",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("asked_cents", sa.BigInteger(), nullable=False),
        sa.Column("room_left_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "plan_id", "plan_version", "measure_id", "month", name=op.f("refused_months_key")
        ),
    )
    op.create_table(
        "rooms",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("cap_cents", sa.BigInteger(), nullable=False),
        sa.Column("reserved_cents", sa.BigInteger(), nullable=False),
        sa.Column("ordered_cents", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pupil_ref", "month", name=op.f("rooms_key")),
    )
    op.create_table(
        "spending",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("measure_id", sa.Text(), nullable=True),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "version", name=op.f("spending_key")),
    )
    op.create_index("spending_by_plan", "spending", ["plan_id"], unique=False)
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("plan_code", sa.Text(), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("preparer_subject", sa.Text(), nullable=False),
        sa.Column("preparer_ref", sa.Text(), nullable=False),
        sa.Column("preparer_kind", sa.Text(), nullable=False),
        sa.Column("preparer_school_id", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("approved_version", sa.Integer(), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("chain", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("waiting_for", sa.Text(), nullable=True),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("return_comment", sa.Text(), nullable=True),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("resumed_on", sa.Date(), nullable=True),
        sa.Column("deletion_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spent_cents_told", sa.BigInteger(), nullable=True),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("follows_plan_id", sa.Text(), nullable=True),
        sa.Column("follows_school_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'in_approval') = (waiting_for IS NOT NULL)",
            name=op.f("plans_waits_in_approval"),
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR (closed_on IS NOT NULL AND evaluated_at IS NOT NULL)",
            name=op.f("plans_closed_after_evaluation"),
        ),
        sa.CheckConstraint(
            "approved_version <= content_version", name=op.f("plans_approved_is_written")
        ),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("plans_dates_in_order")),
        sa.ForeignKeyConstraint(["follows_plan_id"], ["plans.plan_id"], name="plans_follow_plans"),
        sa.ForeignKeyConstraint(["pupil_ref"], ["pupils.pupil_ref"], name=op.f("plans_of_pupils")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("plans_key")),
        sa.UniqueConstraint("plan_code", name=op.f("plans_one_plan_code")),
    )
    op.create_index(
        "plans_by_municipality", "plans", ["municipality_id", "semester", "plan_id"], unique=False
    )
    op.create_index("plans_by_pupil", "plans", ["pupil_ref", "semester"], unique=False)
    op.create_index("plans_by_school", "plans", ["school_id", "semester", "plan_id"], unique=False)
    op.create_index(
        "plans_one_active",
        "plans",
        ["pupil_ref", "school_id", "semester"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('inactive', 'closed')"),
    )
    op.create_index("plans_waiting", "plans", ["waiting_for", "school_id"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("prepared_by", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decision <> 'returned' OR comment <> ''", name=op.f("approvals_return_says_why")
        ),
        sa.CheckConstraint(
            "decision IN ('approved', 'returned', 'skipped')", name=op.f("approvals_decision_known")
        ),
        sa.CheckConstraint(
            "subject <> prepared_by AND subject <> written_by", name=op.f("approvals_four_eyes")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name=op.f("approvals_of_plans")),
        sa.PrimaryKeyConstraint("plan_id", "submission", "step", name=op.f("approvals_key")),
    )
    op.create_table(
        "consultations",
        sa.Column("consultation_id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("measure_id", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("provider_kind", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("busy", postgresql.INT8RANGE(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("head_order_id", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmation_kind", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("busy"), "&&"), using="gist", name="consultations_one_at_a_time"
        ),
        sa.CheckConstraint(
            "mode = 'on_site' OR (mode = 'remote' AND head_order_id IS NOT NULL)",
            name=op.f("consultations_remote_has_order"),
        ),
        sa.CheckConstraint(
            "(busy IS NULL) = (cancelled_at IS NOT NULL)",
            name=op.f("consultations_busy_unless_cancelled"),
        ),
        sa.CheckConstraint(
            "confirmed_on >= held_on", name=op.f("consultations_confirmed_after_held")
        ),
        sa.CheckConstraint(
            "confirmed_on IS NULL OR cancelled_at IS NULL",
            name=op.f("consultations_cancelled_or_confirmed"),
        ),
        sa.CheckConstraint(
            "minutes BETWEEN 1 AND 600", name=op.f("consultations_minutes_sensible")
        ),
        sa.ForeignKeyConstraint(
            ["head_order_id"], ["head_orders.order_id"], name=op.f("consultations_of_head_orders")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.plan_id"], name=op.f("consultations_of_plans")
        ),
        sa.ForeignKeyConstraint(
            ["provider_ref"], ["providers.provider_ref"], name=op.f("consultations_of_providers")
        ),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("consultations_key")),
    )
    op.create_index("consultations_by_plan", "consultations", ["plan_id", "held_on"], unique=False)
    op.create_index(
        "consultations_by_provider", "consultations", ["provider_ref", "held_on"], unique=False
    )
    op.create_table(
        "evaluations",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("risks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("preparation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("continues", sa.Boolean(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("evaluated_by", sa.Text(), nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name=op.f("evaluations_of_plans")),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("evaluations_key")),
    )
    op.create_table(
        "plan_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name=op.f("plan_log_of_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("plan_log_key")),
    )
    op.create_index("plan_log_by_plan", "plan_log", ["plan_id", "id"], unique=False)
    op.create_table(
        "plan_versions",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("risks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("preparation_minutes_max", sa.Integer(), nullable=False),
        sa.Column("preparation_cents_max", sa.BigInteger(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.plan_id"], name=op.f("plan_versions_of_plans")
        ),
        sa.PrimaryKeyConstraint("plan_id", "version", name=op.f("plan_versions_key")),
    )
    op.create_table(
        "stops",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.CheckConstraint("comment <> ''", name=op.f("stops_says_why")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.plan_id"], name=op.f("stops_of_plans")),
        sa.PrimaryKeyConstraint("plan_id", "stopped_at", name=op.f("stops_key")),
    )
    op.create_index(
        "stops_one_open",
        "stops",
        ["plan_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("stops_one_open", table_name="stops", postgresql_where=sa.text("until IS NULL"))
    op.drop_table("stops")
    op.drop_table("plan_versions")
    op.drop_index("plan_log_by_plan", table_name="plan_log")
    op.drop_table("plan_log")
    op.drop_table("evaluations")
    op.drop_index("consultations_by_provider", table_name="consultations")
    op.drop_index("consultations_by_plan", table_name="consultations")
    op.drop_table("consultations")
    op.drop_table("approvals")
    op.drop_index("plans_waiting", table_name="plans")
    op.drop_index(
        "plans_one_active",
        table_name="plans",
        postgresql_where=sa.text("state NOT IN ('inactive', 'closed')"),
    )
    op.drop_index("plans_by_school", table_name="plans")
    op.drop_index("plans_by_pupil", table_name="plans")
    op.drop_index("plans_by_municipality", table_name="plans")
    op.drop_table("plans")
    op.drop_index("spending_by_plan", table_name="spending")
    op.drop_table("spending")
    op.drop_table("rooms")
    op.drop_table("refused_months")
    op.drop_index("read_log_by_subject", table_name="read_log")
    op.drop_table("read_log")
    op.drop_index("pupils_by_school", table_name="pupils")
    op.drop_table("pupils")
    op.drop_table("providers")
    op.drop_index("namings_by_semester", table_name="namings")
    op.drop_table("namings")
    op.drop_index("head_orders_by_school", table_name="head_orders")
    op.drop_index("head_orders_by_plan", table_name="head_orders", postgresql_using="gin")
    op.drop_table("head_orders")
    op.drop_table("entitlements")
    op.drop_table("ceilings")
    op.drop_index("applications_by_pupil", table_name="applications")
    op.drop_table("applications")
