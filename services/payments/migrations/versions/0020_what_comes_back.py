"""Of no order more comes back in partners' reports than was paid, or than counts."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change what this version needs."""
    op.execute(
        "UPDATE partner_report_lines l SET decision = NULL, accepted_cents = NULL,"
        " accepted_esf_cents = NULL, accepted_state_cents = NULL, reason_code = NULL,"
        " decided_by = NULL, decided_at = NULL FROM partner_reports r"
        " WHERE r.report_id = l.report_id AND r.state <> 'verified' AND l.cents < 0"
    )
    op.execute(
        "CREATE FUNCTION refuse_more_back_than_paid() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "DECLARE wrong text; BEGIN "
        "SELECT order_id INTO wrong FROM partner_report_lines"
        " WHERE order_id IN (SELECT order_id FROM changed) GROUP BY order_id"
        " HAVING sum(cents) < 0 OR least(sum(accepted_cents), sum(accepted_esf_cents),"
        " sum(accepted_state_cents)) < 0 LIMIT 1; "
        "IF FOUND THEN RAISE EXCEPTION 'of order % more comes back than was paid or counts', wrong"
        " USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NULL; END $$"
    )
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER partner_report_lines_sums_on_{event.lower()} AFTER {event}"
            " ON partner_report_lines REFERENCING NEW TABLE AS changed"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_more_back_than_paid()"
        )


def downgrade() -> None:
    """Take it back."""
    for event in ("insert", "update"):
        op.execute(f"DROP TRIGGER partner_report_lines_sums_on_{event} ON partner_report_lines")
    op.execute("DROP FUNCTION refuse_more_back_than_paid()")
