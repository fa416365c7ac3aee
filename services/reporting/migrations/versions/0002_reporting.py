"""Evidence and counts of the municipal level; cells, editions, declared values of the national."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table('aggregates',
    sa.Column('aggregate_key', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('cut', sa.Text(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('count_no', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('aggregate_key', name=op.f('aggregates_key')),
    postgresql_with={'fillfactor': 70}
    )
    op.create_index('aggregates_by_period_and_measure', 'aggregates', ['period', 'measure'], unique=False)
    op.create_index('aggregates_by_school', 'aggregates', ['school_id', 'period'], unique=False)
    op.create_table('announcements',
    sa.Column('announcement_id', sa.Text(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('announced_by', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=True),
    sa.Column('value', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('members', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('precision', sa.Text(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('announced_on', sa.Date(), nullable=True),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('announcement_id', name=op.f('announcements_key'))
    )
    op.create_table('consultations',
    sa.Column('consultation_id', sa.Text(), nullable=False),
    sa.Column('plan_id', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('consultation_id', name=op.f('consultations_key'))
    )
    op.create_index('consultations_by_plan', 'consultations', ['plan_id'], unique=False)
    op.create_table('count_number',
    sa.Column('one', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('one', name=op.f('count_number_one_row')),
    sa.PrimaryKeyConstraint('one', name=op.f('count_number_key'))
    )
    op.create_table('counted_through',
    sa.Column('aggregate_key', sa.Text(), nullable=False),
    sa.Column('cell', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('count_no', sa.BigInteger(), nullable=False),
    sa.Column('positions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('aggregate_key', name=op.f('counted_through_key'))
    )
    op.create_table('decisions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=False),
    sa.Column('readings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('decisions_key'))
    )
    op.create_index('decisions_by_subject', 'decisions', ['subject_id'], unique=False)
    op.create_table('declared_values',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('declared_by', sa.Text(), nullable=False),
    sa.Column('value', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('text_mark', sa.Text(), nullable=True),
    sa.Column('definition', sa.Text(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('declared_values_key'))
    )
    op.create_index('declared_values_by_subject', 'declared_values', ['subject_id'], unique=False)
    op.create_table('edition_tables',
    sa.Column('edition_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.CheckConstraint("format IN ('json', 'csv')", name=op.f('edition_tables_format')),
    sa.PrimaryKeyConstraint('edition_id', 'name', 'format', name=op.f('edition_tables_key'))
    )
    op.create_table('editions',
    sa.Column('edition_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('published_by', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('positions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('inputs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('printed', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('blocked', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('guarded', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('edition_id', name=op.f('editions_key')),
    sa.UniqueConstraint('number', name=op.f('editions_one_number'))
    )
    op.create_table('exports',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('edition_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('format', sa.Text(), nullable=False),
    sa.Column('person', sa.Text(), nullable=False),
    sa.Column('exported_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('exports_key'))
    )
    op.create_index('exports_by_edition', 'exports', ['edition_id'], unique=False)
    op.create_table('national_cells',
    sa.Column('aggregate_key', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('cut', sa.Text(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('aggregate_key', name=op.f('national_cells_key')),
    postgresql_with={'fillfactor': 70}
    )
    op.create_index('national_cells_by_period_and_measure', 'national_cells', ['period', 'measure'], unique=False)
    op.create_table('orders',
    sa.Column('order_id', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('support_type', sa.Text(), nullable=False),
    sa.Column('month', sa.Text(), nullable=False),
    sa.Column('plan_id', sa.Text(), nullable=True),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('order_id', name=op.f('orders_key')),
    postgresql_with={'fillfactor': 70}
    )
    op.create_index('orders_by_month_and_place', 'orders', ['month', 'municipality_id'], unique=False)
    op.create_index('orders_by_plan', 'orders', ['plan_id'], unique=False)
    op.create_table('plan_files',
    sa.Column('plan_id', sa.Text(), nullable=False),
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('semester', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('plan_id', name=op.f('plan_files_key')),
    postgresql_with={'fillfactor': 70}
    )
    op.create_index('plan_files_by_municipality', 'plan_files', ['municipality_id', 'semester'], unique=False)
    op.create_index('plan_files_by_partner', 'plan_files', ['partner', 'semester'], unique=False)
    op.create_index('plan_files_by_pupil', 'plan_files', ['pupil_ref'], unique=False)
    op.create_index('plan_files_by_school', 'plan_files', ['school_id', 'semester'], unique=False)
    op.create_table('positions',
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('part', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('topic', 'part', name=op.f('positions_key'))
    )
    op.create_table('projects',
    sa.Column('project_key', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('adds', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('project_key', name=op.f('projects_key'))
    )
    op.create_table('pupils',
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('arrivals', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('named', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('pupil_ref', name=op.f('pupils_key'))
    )
    op.create_table('staff',
    sa.Column('staff_ref', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('staff_ref', name=op.f('staff_key'))
    )
    op.create_table('staff_work',
    sa.Column('staff_ref', sa.Text(), nullable=False),
    sa.Column('plan_id', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('semester', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('since', sa.Text(), nullable=False),
    sa.CheckConstraint("role IN ('prepared', 'consulted')", name=op.f('staff_work_role')),
    sa.PrimaryKeyConstraint('staff_ref', 'plan_id', 'role', 'kind', name=op.f('staff_work_key'))
    )
    op.create_index('staff_work_by_plan', 'staff_work', ['plan_id'], unique=False)
    op.create_table('subjects',
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('cut', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('blocks', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('subject_id', name=op.f('subjects_key'))
    )
    op.create_table('territories',
    sa.Column('one', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('register', sa.Text(), nullable=False),
    sa.Column('merged', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('one', name=op.f('territories_one_row')),
    sa.PrimaryKeyConstraint('one', name=op.f('territories_key'))
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table('territories')
    op.drop_table('subjects')
    op.drop_index('staff_work_by_plan', table_name='staff_work')
    op.drop_table('staff_work')
    op.drop_table('staff')
    op.drop_table('pupils')
    op.drop_table('projects')
    op.drop_table('positions')
    op.drop_index('plan_files_by_school', table_name='plan_files')
    op.drop_index('plan_files_by_pupil', table_name='plan_files')
    op.drop_index('plan_files_by_partner', table_name='plan_files')
    op.drop_index('plan_files_by_municipality', table_name='plan_files')
    op.drop_table('plan_files')
    op.drop_index('orders_by_plan', table_name='orders')
    op.drop_index('orders_by_month_and_place', table_name='orders')
    op.drop_table('orders')
    op.drop_index('national_cells_by_period_and_measure', table_name='national_cells')
    op.drop_table('national_cells')
    op.drop_index('exports_by_edition', table_name='exports')
    op.drop_table('exports')
    op.drop_table('editions')
    op.drop_table('edition_tables')
    op.drop_index('declared_values_by_subject', table_name='declared_values')
    op.drop_table('declared_values')
    op.drop_index('decisions_by_subject', table_name='decisions')
    op.drop_table('decisions')
    op.drop_table('counted_through')
    op.drop_table('count_number')
    op.drop_index('consultations_by_plan', table_name='consultations')
    op.drop_table('consultations')
    op.drop_table('announcements')
    op.drop_index('aggregates_by_school', table_name='aggregates')
    op.drop_index('aggregates_by_period_and_measure', table_name='aggregates')
    op.drop_table('aggregates')
