"""The books added up again: what was compared, and what differed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "book_checks",
        sa.Column("row", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("differences", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "differing BETWEEN 0 AND compared", name=op.f("book_checks_differing_at_most")
        ),
        sa.PrimaryKeyConstraint("row", name=op.f("book_checks_key")),
    )
    op.create_index("book_checks_by_name", "book_checks", ["name", "checked_at"], unique=False)
    op.execute(
        "CREATE TRIGGER book_checks_only_added BEFORE UPDATE OR DELETE ON book_checks "
        "FOR EACH ROW EXECUTE FUNCTION only_added()"
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("book_checks")
