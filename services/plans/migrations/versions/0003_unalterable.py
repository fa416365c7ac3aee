"""The log of plans and the log of reads only grow: nobody alters what was written down."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LOGS = ("plan_log", "read_log")


def upgrade() -> None:
    """Refuse changes in the database itself."""
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% only grows', TG_TABLE_NAME;
        END $$
    """)
    for log in LOGS:
        op.execute(f"""
            CREATE TRIGGER {log}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {log}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)


def downgrade() -> None:
    """Take the refusals away again."""
    for log in LOGS:
        op.execute(f"DROP TRIGGER {log}_only_grows ON {log}")
    op.execute("DROP FUNCTION refuse_change()")
