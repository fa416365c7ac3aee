"""Allocations and the acts that set them; what waits for one."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ONLY_ADDED = ("allocation_acts", "allocation_decisions")


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "allocations",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("allocated_cents", sa.BigInteger(), nullable=True),
        sa.Column("spoken_for_cents", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("spoken_for_cents >= 0", name=op.f("allocations_nothing_below_zero")),
        sa.CheckConstraint(
            "spoken_for_cents <= allocated_cents", name=op.f("allocations_within_allocation")
        ),
        sa.PrimaryKeyConstraint("partner", "semester", name=op.f("allocations_key")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "allocation_years",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("maximum_cents", sa.BigInteger(), nullable=True),
        sa.Column("learners", sa.Integer(), nullable=True),
        sa.Column("allocated_cents", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "allocated_cents BETWEEN 0 AND maximum_cents",
            name=op.f("allocation_years_within_maximum"),
        ),
        sa.PrimaryKeyConstraint("partner", "school_year", name=op.f("allocation_years_key")),
    )
    op.create_table(
        "allocation_acts",
        sa.Column("act_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("semester", sa.Text(), nullable=False),
        sa.Column("to_partner", sa.Text(), nullable=True),
        sa.Column("to_semester", sa.Text(), nullable=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("learners", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('set', 'increase', 'decrease', 'transfer', 'yearly_maximum')",
            name=op.f("allocation_acts_kind"),
        ),
        sa.CheckConstraint(
            "cents > 0 OR cents = 0 AND kind IN ('set', 'yearly_maximum')",
            name=op.f("allocation_acts_sum"),
        ),
        sa.CheckConstraint(
            "(kind = 'transfer') = (to_partner IS NOT NULL)",
            name=op.f("allocation_acts_transfer_has_target"),
        ),
        sa.PrimaryKeyConstraint("act_id", name=op.f("allocation_acts_key")),
        sa.UniqueConstraint(
            "act_id", "entered_by", name=op.f("allocation_acts_one_act_id_entered_by")
        ),
    )
    op.create_index(
        "allocation_acts_by_partner", "allocation_acts", ["partner", "act_id"], unique=False
    )
    op.create_table(
        "allocation_decisions",
        sa.Column("act_id", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected')", name=op.f("allocation_decisions_decision")
        ),
        sa.CheckConstraint(
            "decided_by <> entered_by", name=op.f("allocation_decisions_four_eyes")
        ),
        sa.ForeignKeyConstraint(
            ["act_id", "entered_by"],
            ["allocation_acts.act_id", "allocation_acts.entered_by"],
            name=op.f("allocation_decisions_of_allocation_acts"),
        ),
        sa.PrimaryKeyConstraint("act_id", name=op.f("allocation_decisions_key")),
    )
    op.execute(
        "CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$"
    )
    for table in ONLY_ADDED:
        op.execute(
            f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION only_added()"
        )
    op.add_column(
        "entitlements",
        sa.Column("waiting_cents", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.alter_column("entitlements", "waiting_cents", server_default=None)
    op.create_check_constraint(
        op.f("entitlements_planned_waits"),
        "entitlements",
        "waiting_cents BETWEEN 0 AND planned_cents",
    )
    op.create_index(
        "entitlements_waiting",
        "entitlements",
        ["plan_id"],
        unique=False,
        postgresql_where=sa.text("waiting_cents > 0"),
    )
    op.create_index("plans_by_partner", "plans", ["partner", "semester"], unique=False)
    op.execute(
        """INSERT INTO allocations (partner, semester, spoken_for_cents, version)
        SELECT p.partner, p.semester, sum(e.reserved_cents + e.ordered_cents), 0
        FROM plans p JOIN entitlements e USING (plan_id) GROUP BY p.partner, p.semester"""
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("plans_by_partner", table_name="plans")
    op.drop_index(
        "entitlements_waiting",
        table_name="entitlements",
        postgresql_where=sa.text("waiting_cents > 0"),
    )
    op.drop_constraint(op.f("entitlements_planned_waits"), "entitlements")
    op.drop_column("entitlements", "waiting_cents")
    op.drop_table("allocation_decisions")
    op.drop_table("allocation_acts")
    op.drop_table("allocation_years")
    op.drop_table("allocations")
    op.execute("DROP FUNCTION only_added()")
