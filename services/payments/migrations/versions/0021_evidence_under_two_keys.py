"""While the evidence key changes, a claim on evidence is told under both keys."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change what this version needs."""
    op.drop_constraint("evidence_claims_key", "evidence_claims", type_="primary")
    op.create_primary_key(
        op.f("evidence_claims_key"), "evidence_claims", ["order_id", "evidence_ref"]
    )


def downgrade() -> None:
    """Take it back; of a claim told under two keys the newer stays."""
    op.execute(
        "DELETE FROM evidence_claims a USING evidence_claims b"
        " WHERE a.order_id = b.order_id AND a.evidence_ref < b.evidence_ref"
    )
    op.drop_constraint("evidence_claims_key", "evidence_claims", type_="primary")
    op.create_primary_key(op.f("evidence_claims_key"), "evidence_claims", ["order_id"])
