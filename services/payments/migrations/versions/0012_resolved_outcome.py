"""What a bank's unclear line says of the order a person chose for it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.add_column("resolutions", sa.Column("outcome", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("resolutions_outcome_told"),
        "resolutions",
        "(decision = 'order') = (outcome IS NOT NULL)",
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_constraint(op.f("resolutions_outcome_told"), "resolutions", type_="check")
    op.drop_column("resolutions", "outcome")
