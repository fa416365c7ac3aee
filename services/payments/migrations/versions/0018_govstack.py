"""Batches that government platforms handed over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "govstack_batches",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("source_bb_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("handed_over_by", sa.Text(), nullable=False),
        sa.Column("order_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("govstack_batches_key")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("govstack_batches")
