"""Orders move without writing any index anew: none holds their state."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PAID = "CASE WHEN state <> 'returned' THEN instalment_no END"


def upgrade() -> None:
    """Change what this version needs."""
    op.drop_index("orders_by_partner_and_state", table_name="orders")
    op.create_index("orders_by_partner_and_file", "orders", ["partner", "file_id", "order_id"])
    op.drop_index("orders_one_per_instalment", table_name="orders")
    op.add_column("orders", sa.Column("paid_instalment", sa.Integer(), sa.Computed(PAID, persisted=True)))
    op.create_index(
        "orders_one_per_instalment",
        "orders",
        ["project_id", "paid_instalment"],
        unique=True,
        postgresql_where=sa.text("project_id IS NOT NULL"),
    )
    op.drop_constraint("orders_never_cancelled_in_a_file", "orders")
    op.create_check_constraint(
        op.f("orders_filed_by_state"),
        "orders",
        "(file_id IS NULL) = (state IN ('draft', 'approved', 'cancelled'))",
    )
    op.execute("ALTER TABLE orders SET (fillfactor = 50)")
    op.create_index(
        "reports_not_settled",
        "reports",
        ["partner", "order_id"],
        postgresql_where=sa.text("outcome <> 'settled'"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("reports_not_settled", table_name="reports")
    op.execute("ALTER TABLE orders SET (fillfactor = 70)")
    op.drop_constraint("orders_filed_by_state", "orders")
    op.create_check_constraint(
        op.f("orders_never_cancelled_in_a_file"),
        "orders",
        "state <> 'cancelled' OR file_id IS NULL",
    )
    op.drop_index("orders_one_per_instalment", table_name="orders")
    op.drop_column("orders", "paid_instalment")
    op.create_index(
        "orders_one_per_instalment",
        "orders",
        ["project_id", "instalment_no"],
        unique=True,
        postgresql_where=sa.text("project_id IS NOT NULL AND state <> 'returned'"),
    )
    op.drop_index("orders_by_partner_and_file", table_name="orders")
    op.create_index("orders_by_partner_and_state", "orders", ["partner", "state", "order_id"])
