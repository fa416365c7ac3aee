"""Bank files, which never change once issued, and the offices' reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEVER_CHANGED = ("bank_files", "bank_file_chunks")


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table(
        "bank_files",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("execution_date", sa.Date(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("bank_files_key")),
        sa.UniqueConstraint(
            "partner",
            "execution_date",
            "part",
            name=op.f("bank_files_one_partner_execution_date_part"),
        ),
    )
    op.create_table(
        "bank_file_chunks",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "no", name=op.f("bank_file_chunks_key")),
    )
    op.create_table(
        "reports",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('settled', 'returned', 'unknown')", name=op.f("reports_outcome")
        ),
        sa.CheckConstraint(
            "result IN ('applied', 'repeated', 'work_list')", name=op.f("reports_result")
        ),
        sa.PrimaryKeyConstraint("partner", "report_id", name=op.f("reports_key")),
    )
    op.create_index(
        "reports_work_list",
        "reports",
        ["partner"],
        unique=False,
        postgresql_where=sa.text("result = 'work_list'"),
    )

    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a bank file never changes once issued'; END $$"
    )
    for table in NEVER_CHANGED:
        op.execute(
            f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("reports")
    op.drop_table("bank_file_chunks")
    op.drop_table("bank_files")
    op.execute("DROP FUNCTION refuse_change()")
