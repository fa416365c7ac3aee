"""What is missing of a month that payments refused."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.add_column(
        "refused_months",
        sa.Column("missing_cents", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.execute("UPDATE refused_months SET missing_cents = greatest(asked_cents - room_left_cents, 0)")
    op.alter_column("refused_months", "missing_cents", server_default=None)


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("refused_months", "missing_cents")
