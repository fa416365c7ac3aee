"""The calendar with places, days off, days more and grades; the kind of place of practice."""

import sqlalchemy as sa
from alembic import op

from shared.migrations import widen_calendar

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    widen_calendar(op.get_bind())
    op.add_column("head_orders", sa.Column("place_kind", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it away again; the register of semesters stays as wide as it is."""
    op.drop_column("head_orders", "place_kind")
