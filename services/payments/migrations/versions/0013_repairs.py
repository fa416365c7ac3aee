"""What persons decided about returned orders; a returned instalment can be paid again."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ONE_PER_INSTALMENT = "orders_one_per_instalment"


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "repairs",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("new_order_id", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision IN ('pay_again', 'give_up')", name=op.f("repairs_decision")),
        sa.CheckConstraint(
            "(decision = 'pay_again') = (new_order_id IS NOT NULL)", name=op.f("repairs_paid_anew")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("repairs_key")),
    )
    op.create_index("repairs_by_new_order", "repairs", ["new_order_id"], unique=True)
    op.drop_index(ONE_PER_INSTALMENT, table_name="orders")
    op.create_index(
        ONE_PER_INSTALMENT,
        "orders",
        ["project_id", "instalment_no"],
        unique=True,
        postgresql_where=sa.text("project_id IS NOT NULL AND state <> 'returned'"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(ONE_PER_INSTALMENT, table_name="orders")
    op.create_index(
        ONE_PER_INSTALMENT,
        "orders",
        ["project_id", "instalment_no"],
        unique=True,
        postgresql_where=sa.text("project_id IS NOT NULL"),
    )
    op.drop_table("repairs")
