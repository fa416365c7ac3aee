"""What every service has: the bus, the registers, parameters, idempotency keys."""

from alembic import op

from shared.migrations import create_shared_tables, drop_shared_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the shared tables."""
    create_shared_tables(op.get_bind())


def downgrade() -> None:
    """Take them away again."""
    drop_shared_tables(op.get_bind())
