"""What the state accepted, reduced and rejected of an order that was paid."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PARTS = ("accepted", "reduced", "rejected")


def upgrade() -> None:
    """Add the parts; nothing was counted of them so far."""
    columns = [
        column
        for part in PARTS
        for column in (
            f"{part}_cents bigint NOT NULL DEFAULT 0",
            f"{part}_esf_cents bigint NOT NULL DEFAULT 0",
            f"{part}_on text",
        )
    ]
    op.execute(f"ALTER TABLE orders {', '.join(f'ADD COLUMN {column}' for column in columns)}")


def downgrade() -> None:
    """Take them away again."""
    columns = [f"{part}_{of}" for part in PARTS for of in ("cents", "esf_cents", "on")]
    op.execute(f"ALTER TABLE orders {', '.join(f'DROP COLUMN {column}' for column in columns)}")
