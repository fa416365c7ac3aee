"""A paper is claimed by line or as a whole, never both, here and in the country."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs; lines claimed before know no paper."""
    op.add_column("claims", sa.Column("paper", sa.LargeBinary(), nullable=True))
    op.create_index(
        "claims_by_line",
        "claims",
        ["paper"],
        postgresql_where=sa.text("state = 'accepted' AND paper IS NOT NULL"),
    )
    _let_standing_be("'first', 'part', 'late', 'released'")
    op.create_index(
        "evidence_claims_in_lines",
        "evidence_claims",
        ["evidence_ref"],
        postgresql_where=sa.text("standing = 'part'"),
    )


def downgrade() -> None:
    """Take it back; that lines of a paper are claimed is forgotten."""
    op.drop_index("evidence_claims_in_lines", "evidence_claims")
    op.execute("DELETE FROM evidence_claims WHERE standing = 'part'")
    _let_standing_be("'first', 'late', 'released'")
    op.drop_index("claims_by_line", "claims")
    op.drop_column("claims", "paper")


def _let_standing_be(words: str) -> None:
    op.drop_constraint("evidence_claims_standing", "evidence_claims")
    op.create_check_constraint(
        op.f("evidence_claims_standing"), "evidence_claims", f"standing IN ({words})"
    )
