"""The calendar with places, days off, days more and grades."""

from alembic import op

from shared.migrations import widen_calendar

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    widen_calendar(op.get_bind())


def downgrade() -> None:
    """Take it away again; the register of semesters stays as wide as it is."""
