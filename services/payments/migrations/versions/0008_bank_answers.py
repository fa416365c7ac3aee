"""What banks answered, and how persons settled what fitted no order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table('bank_lines',
    sa.Column('message_no', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('no', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('report_id', sa.Text(), nullable=False),
    sa.Column('statement_id', sa.Text(), nullable=False),
    sa.Column('entry_ref', sa.Text(), nullable=False),
    sa.Column('bank_ref', sa.Text(), nullable=False),
    sa.Column('end_to_end_id', sa.Text(), nullable=False),
    sa.Column('about_file', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('unfit', sa.Text(), nullable=True),
    sa.Column('cents', sa.BigInteger(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('reason_code', sa.Text(), nullable=True),
    sa.Column('account_ref', sa.Text(), nullable=False),
    sa.Column('mentioned', sa.Text(), nullable=False),
    sa.Column('source_line', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('message_no', 'no', name=op.f('bank_lines_key'))
    )
    op.create_index('bank_lines_by_order', 'bank_lines', ['end_to_end_id', 'report_id'], unique=False)
    op.create_table('bank_messages',
    sa.Column('message_no', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=False),
    sa.Column('taken_by', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('summary', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('message_no', name=op.f('bank_messages_key')),
    sa.UniqueConstraint('partner', 'sha256', name=op.f('bank_messages_one_partner_sha256'))
    )
    op.create_table('resolutions',
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('report_id', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('proposed_by', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Text(), nullable=True),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(decision = 'order') = (order_id IS NOT NULL)", name=op.f('resolutions_order_chosen')),
    sa.CheckConstraint("decision IN ('order', 'not_ours')", name=op.f('resolutions_decision')),
    sa.CheckConstraint('(approved_by IS NULL) = (approved_at IS NULL)', name=op.f('resolutions_approved_once')),
    sa.CheckConstraint('approved_by <> proposed_by', name=op.f('resolutions_four_eyes')),
    sa.PrimaryKeyConstraint('partner', 'report_id', name=op.f('resolutions_key'))
    )
    op.create_index('resolutions_by_order', 'resolutions', ['order_id'], unique=False)
    op.drop_constraint(op.f("reports_result"), "reports", type_="check")
    op.create_check_constraint(
        op.f("reports_result"),
        "reports",
        "result IN ('applied', 'repeated', 'work_list', 'resolved', 'not_ours')",
    )
    op.execute(
        "CREATE FUNCTION refuse_change_of_bank_line() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'what a bank said never changes'; END $$"
    )
    op.execute(
        "CREATE TRIGGER bank_lines_never_changed BEFORE UPDATE ON bank_lines "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_bank_line()"
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_constraint(op.f("reports_result"), "reports", type_="check")
    op.create_check_constraint(
        op.f("reports_result"), "reports", "result IN ('applied', 'repeated', 'work_list')"
    )
    op.drop_table("resolutions")
    op.drop_table("bank_messages")
    op.drop_table("bank_lines")
    op.execute("DROP FUNCTION refuse_change_of_bank_line()")
