"""The days of orders that were returned or cancelled: paid again, they need the same."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "freed_days",
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("support_type", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("held_by", "day", name=op.f("freed_days_key")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("freed_days")
