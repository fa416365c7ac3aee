"""Offices' public keys and nonces; what an order pays to whom never changes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "office_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("office_keys_key")),
        sa.CheckConstraint(
            "state IN ('proposed', 'in_force', 'revoked')", name=op.f("office_keys_state")
        ),
        sa.CheckConstraint("confirmed_by <> entered_by", name=op.f("office_keys_four_eyes")),
        sa.CheckConstraint(
            "state <> 'in_force' OR confirmed_by IS NOT NULL", name=op.f("office_keys_confirmed")
        ),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_by IS NOT NULL)",
            name=op.f("office_keys_revoked_by_somebody"),
        ),
    )
    op.create_index("office_keys_by_partner", "office_keys", ["partner"])
    op.create_table(
        "signature_nonces",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "nonce", name=op.f("signature_nonces_key")),
    )
    op.create_index("signature_nonces_by_age", "signature_nonces", ["signed_at"])
    op.execute("ALTER TABLE bank_files ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY")
    op.create_index("bank_files_by_number", "bank_files", ["partner", "number"], unique=True)
    op.execute(
        "CREATE FUNCTION an_order_pays_what_it_paid() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'an order never changes its sum, its office or its payee'; END $$"
    )
    op.execute(
        "CREATE TRIGGER orders_pay_what_they_paid"
        " BEFORE UPDATE OF partner, payee_id, cents, esf_cents, state_cents ON orders"
        " FOR EACH ROW EXECUTE FUNCTION an_order_pays_what_it_paid()"
    )


def downgrade() -> None:
    """Take it away again."""
    op.execute("DROP TRIGGER orders_pay_what_they_paid ON orders")
    op.execute("DROP FUNCTION an_order_pays_what_it_paid")
    op.drop_column("bank_files", "number")
    op.drop_table("signature_nonces")
    op.drop_table("office_keys")
