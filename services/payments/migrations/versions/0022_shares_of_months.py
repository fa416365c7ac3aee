"""A pupil's month shared by cells: what is elsewhere, who asked, what was handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WITHIN = "elsewhere_cents >= 0 AND reserved_cents + ordered_cents + elsewhere_cents <= cap_cents"


def upgrade() -> None:
    """Add what this version needs."""
    for column in (
        sa.Column("elsewhere_cents", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("begun_here", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("goes_to", sa.Text(), nullable=True),
        sa.Column("owes_to", sa.Text(), nullable=True),
        sa.Column("awaits", sa.Text(), nullable=False, server_default=""),
        sa.Column("asked", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("pupil_months", column)
    op.drop_constraint("pupil_months_within_ceiling", "pupil_months")
    op.create_check_constraint(op.f("pupil_months_within_ceiling"), "pupil_months", WITHIN)
    op.create_table(
        "month_asks",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pupil_ref", "month", "source", name=op.f("month_asks_key")),
    )
    op.create_table(
        "month_gifts",
        sa.Column("pupil_ref", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cents >= 0", name=op.f("month_gifts_sums")),
        sa.PrimaryKeyConstraint(
            "pupil_ref", "month", "source", "partner", name=op.f("month_gifts_key")
        ),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("month_gifts")
    op.drop_table("month_asks")
    op.drop_constraint("pupil_months_within_ceiling", "pupil_months")
    for column in ("asked", "awaits", "owes_to", "goes_to", "begun_here", "elsewhere_cents"):
        op.drop_column("pupil_months", column)
    op.create_check_constraint(
        op.f("pupil_months_within_ceiling"),
        "pupil_months",
        "reserved_cents + ordered_cents <= cap_cents",
    )
