"""Evidence paid once in the country, and orders that are cancelled."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHANGED = (
    (
        "orders",
        "state",
        "state IN ('draft', 'approved', 'in_file', 'sent', 'settled', 'returned', 'unknown',"
        " 'cancelled')",
        "state IN ('draft', 'approved', 'in_file', 'sent', 'settled', 'returned', 'unknown')",
    ),
    (
        "orders",
        "approved_by_somebody",
        "state = 'cancelled' OR (state = 'draft') = (approved_by IS NULL)",
        "(state = 'draft') = (approved_by IS NULL)",
    ),
    (
        "claims",
        "state",
        "state IN ('accepted', 'refused', 'returned', 'cancelled')",
        "state IN ('accepted', 'refused', 'returned')",
    ),
)
NEW = {
    "cancelled_by_somebody": "(state = 'cancelled') = (cancelled_by IS NOT NULL)",
    "never_cancelled_in_a_file": "state <> 'cancelled' OR file_id IS NULL",
    "evidence": "evidence IN ('alone', 'pending', 'first', 'elsewhere')",
    "paid_once_in_the_country": "evidence NOT IN ('pending', 'elsewhere')"
    " OR state IN ('draft', 'approved', 'cancelled')",
}


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "evidence_claims",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("evidence_ref", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "standing IN ('first', 'late', 'released')", name=op.f("evidence_claims_standing")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("evidence_claims_key")),
    )
    op.create_index(
        "evidence_claims_one_first",
        "evidence_claims",
        ["evidence_ref"],
        unique=True,
        postgresql_where=sa.text("standing = 'first'"),
    )
    op.add_column("orders", sa.Column("evidence", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("cancelled_by", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("cancelled_on", sa.Date(), nullable=True))
    for table, name, now, _ in CHANGED:
        op.drop_constraint(f"{table}_{name}", table)
        op.create_check_constraint(op.f(f"{table}_{name}"), table, now)
    for name, rule in NEW.items():
        op.create_check_constraint(op.f(f"orders_{name}"), "orders", rule)


def downgrade() -> None:
    """Take it away again."""
    for name in NEW:
        op.drop_constraint(f"orders_{name}", "orders")
    for table, name, _, before in CHANGED:
        op.drop_constraint(f"{table}_{name}", table)
        op.create_check_constraint(op.f(f"{table}_{name}"), table, before)
    for column in ("cancelled_on", "cancelled_by", "evidence"):
        op.drop_column("orders", column)
    op.drop_table("evidence_claims")
