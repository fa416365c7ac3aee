"""An order that is paid finds room on its page, and what nothing was told of yet is zero."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BECAME = ("ordered", "settled", "returned", "recovered")


def upgrade() -> None:
    """Leave room on new pages; give the parts of an order their beginning."""
    columns = [f"{name}_{of}" for name in BECAME for of in ("cents", "esf_cents")]
    changes = [f"ALTER COLUMN {column} SET DEFAULT 0" for column in columns]
    op.execute(f"ALTER TABLE orders SET (fillfactor = 45), {', '.join(changes)}")


def downgrade() -> None:
    """Pages as full as before, and no beginnings."""
    columns = [f"{name}_{of}" for name in BECAME for of in ("cents", "esf_cents")]
    changes = [f"ALTER COLUMN {column} DROP DEFAULT" for column in columns]
    op.execute(f"ALTER TABLE orders SET (fillfactor = 70), {', '.join(changes)}")
