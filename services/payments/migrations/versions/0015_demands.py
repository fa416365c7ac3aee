"""Money asked back of settled orders."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "demands",
        sa.Column("demand_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("about_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("recovered_cents", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pay_until", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letter_by", sa.Text(), nullable=True),
        sa.Column("letter_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('due', 'letter', 'booked')", name=op.f("demands_state")),
        sa.CheckConstraint(
            "cents > 0 AND recovered_cents BETWEEN 0 AND cents", name=op.f("demands_at_most")
        ),
        sa.CheckConstraint(
            "(state = 'booked') = (recovered_cents = cents)", name=op.f("demands_booked_whole")
        ),
        sa.CheckConstraint(
            "state <> 'letter' OR letter_at IS NOT NULL", name=op.f("demands_letter_written")
        ),
        sa.PrimaryKeyConstraint("demand_id", name=op.f("demands_key")),
    )
    op.create_index("demands_by_order", "demands", ["order_id"], unique=False)
    op.create_index("demands_by_partner", "demands", ["partner", "demand_id"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("demands")
