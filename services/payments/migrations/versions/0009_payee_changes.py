"""Changes of payees, proposed by one person and confirmed by another; what was paid to which."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "payee_changes",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("payee_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("account_shown", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("refused_by", sa.Text(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("payee_changes_key")),
        sa.ForeignKeyConstraint(
            ["partner", "payee_id"],
            ["payees.partner", "payees.payee_id"],
            name=op.f("payee_changes_to_payees"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'refused')", name=op.f("payee_changes_state")
        ),
        sa.CheckConstraint("confirmed_by <> proposed_by", name=op.f("payee_changes_four_eyes")),
        sa.CheckConstraint(
            "state <> 'confirmed' OR"
            " confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL AND in_force_from IS NOT NULL",
            name=op.f("payee_changes_confirmed_by_somebody"),
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refused_by IS NOT NULL)",
            name=op.f("payee_changes_refused_by_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'proposed' OR confirmed_by IS NULL",
            name=op.f("payee_changes_proposed_is_undecided"),
        ),
    )
    op.create_index(
        "payee_changes_one_proposed",
        "payee_changes",
        ["partner", "payee_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index(
        "payee_changes_one_per_version",
        "payee_changes",
        ["partner", "payee_id", "version"],
        unique=True,
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.add_column("orders", sa.Column("payee_version", sa.Integer(), nullable=True))
    op.execute("UPDATE orders SET payee_version = 1 WHERE file_id IS NOT NULL")
    op.create_check_constraint(
        op.f("orders_paid_to_a_version"),
        "orders",
        "file_id IS NULL OR payee_version IS NOT NULL",
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_constraint("orders_paid_to_a_version", "orders")
    op.drop_column("orders", "payee_version")
    op.drop_table("payee_changes")
