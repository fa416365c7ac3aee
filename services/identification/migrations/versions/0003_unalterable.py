"""Who read what, and what was erased, is written once: nobody changes or removes it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("read_log", "erasures")


def upgrade() -> None:
    """Refuse every change of a written line."""
    op.execute("""
        CREATE FUNCTION written_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is written once', TG_TABLE_NAME USING ERRCODE = 'check_violation';
        END $$
    """)
    for table in TABLES:
        op.execute(f"""
            CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION written_once()
        """)


def downgrade() -> None:
    """Allow it again."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_written_once ON {table}")
    op.execute("DROP FUNCTION written_once()")
