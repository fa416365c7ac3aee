"""How allocations stand, as payments told last."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PARTS = ("allocated", "reserved", "ordered", "settled", "waiting", "left")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "allocations",
        sa.Column("partner", sa.Text, nullable=False),
        sa.Column("semester", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("municipality_id", sa.Text, nullable=False),
        *(sa.Column(f"{part}_cents", sa.BigInteger, nullable=False) for part in PARTS),
        sa.PrimaryKeyConstraint("partner", "semester", name="allocations_key"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("allocations")
