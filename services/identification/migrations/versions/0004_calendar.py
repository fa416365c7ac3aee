"""The calendar with places, days off, days more, grades; days on which pupils were away."""

import sqlalchemy as sa
from alembic import op

from shared.migrations import widen_calendar

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    widen_calendar(op.get_bind())
    op.create_table(
        "absent_days",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.Column("school_id", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "presence IN ('present', 'absent', 'absent_excused')",
            name=op.f("absent_days_known_presence"),
        ),
        sa.PrimaryKeyConstraint("pupil_ref", "day", name=op.f("absent_days_key")),
    )
    op.create_index("absent_days_by_school", "absent_days", ["school_id", "day"], unique=False)


def downgrade() -> None:
    """Take it away again; the register of semesters stays as wide as it is."""
    op.drop_table("absent_days")
