"""Pupils, staff, grants, attendance, risks, applications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this version needs."""
    op.create_table('applications',
    sa.Column('application_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('signer_kind', sa.Text(), nullable=False),
    sa.Column('of_age', sa.Boolean(), nullable=False),
    sa.Column('signer_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('reason_code', sa.Text(), nullable=True),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(signer_kind = 'adult_pupil') = of_age", name=op.f('applications_adults_sign_alone')),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name=op.f('applications_withdrawn_on_a_day')),
    sa.PrimaryKeyConstraint('application_id', name=op.f('applications_key'))
    )
    op.create_index('applications_by_pupil', 'applications', ['pupil_ref', 'recorded_at'], unique=False)
    op.create_index('applications_one_in_force', 'applications', ['pupil_ref'], unique=True, postgresql_where=sa.text("state = 'signed'"))
    op.create_table('attendance',
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('semester', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('data_status', sa.Text(), nullable=False),
    sa.Column('lessons_unexcused', sa.Integer(), nullable=True),
    sa.Column('lessons_excused', sa.Integer(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('import_id', sa.Text(), nullable=True),
    sa.CheckConstraint("(data_status = 'reported') = (lessons_unexcused IS NOT NULL)", name=op.f('attendance_no_data_is_not_zero')),
    sa.CheckConstraint("data_status = 'reported' OR lessons_excused IS NULL", name=op.f('attendance_no_data_at_all')),
    sa.PrimaryKeyConstraint('pupil_ref', 'semester', name=op.f('attendance_key'))
    )
    op.create_index('attendance_by_school', 'attendance', ['semester', 'school_id'], unique=False)
    op.create_table('contacts',
    sa.Column('contact_id', sa.Text(), nullable=False),
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('absent_on', sa.Date(), nullable=False),
    sa.Column('contacted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('person_kind', sa.Text(), nullable=False),
    sa.Column('result_code', sa.Text(), nullable=False),
    sa.Column('returned_on', sa.Date(), nullable=True),
    sa.Column('excused_on', sa.Date(), nullable=True),
    sa.Column('contact_late', sa.Boolean(), nullable=False),
    sa.Column('excuse_late', sa.Boolean(), nullable=False),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('contact_id', name=op.f('contacts_key'))
    )
    op.create_index('contacts_by_pupil', 'contacts', ['pupil_ref'], unique=False)
    op.create_table('erasures',
    sa.Column('erasure_id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('record_class', sa.Text(), nullable=False),
    sa.Column('left_before', sa.Date(), nullable=False),
    sa.Column('pupils', sa.Integer(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('erasure_id', name=op.f('erasures_key'))
    )
    op.create_table('grants',
    sa.Column('grant_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('organisation', sa.Text(), nullable=False),
    sa.Column('staff_ref', sa.Text(), nullable=True),
    sa.Column('staff_kind', sa.Text(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('waits_for', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('revoked_on', sa.Date(), nullable=True),
    sa.Column('reason_code', sa.Text(), nullable=True),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'waiting') = (cardinality(waits_for) > 0)", name=op.f('grants_waiting_says_what_for')),
    sa.CheckConstraint("state IN ('waiting', 'granted', 'revoked')", name=op.f('grants_known_state')),
    sa.PrimaryKeyConstraint('grant_id', name=op.f('grants_key'))
    )
    op.create_index('grants_by_subject', 'grants', ['subject'], unique=False)
    op.create_index('grants_waiting', 'grants', ['grant_id'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('heard_plans',
    sa.Column('plan_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('semester', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('plan_id', name=op.f('heard_plans_key'))
    )
    op.create_index('heard_plans_by_pupil', 'heard_plans', ['pupil_ref', 'semester'], unique=False)
    op.create_table('imports',
    sa.Column('import_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('imported_by', sa.Text(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rows_in', sa.Integer(), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('kept', sa.Boolean(), nullable=False),
    sa.Column('schools', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('refusals', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('warnings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('accepted + refused = rows_in', name=op.f('imports_rows_add_up')),
    sa.PrimaryKeyConstraint('import_id', name=op.f('imports_key'))
    )
    op.create_index('imports_by_time', 'imports', ['imported_at'], unique=False)
    op.create_table('pupils',
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('programme', sa.Text(), nullable=False),
    sa.Column('grade', sa.Integer(), nullable=False),
    sa.Column('sex', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('is_synthetic', sa.Boolean(), nullable=False),
    sa.Column('person_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(status = 'left') = (left_on IS NOT NULL)", name=op.f('pupils_left_has_a_day')),
    sa.CheckConstraint("grade BETWEEN 1 AND CASE programme WHEN 'general' THEN 12 ELSE 4 END", name=op.f('pupils_grade_of_programme')),
    sa.CheckConstraint("status IN ('enrolled', 'left')", name=op.f('pupils_known_status')),
    sa.PrimaryKeyConstraint('pupil_ref', name=op.f('pupils_key'))
    )
    op.create_index('pupils_by_school', 'pupils', ['school_id', 'pupil_ref'], unique=False)
    op.create_table('read_log',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reader', sa.Text(), nullable=False),
    sa.Column('subject_ref', sa.Text(), nullable=False),
    sa.Column('fields', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('read_log_key'))
    )
    op.create_index('read_log_by_subject', 'read_log', ['subject_ref', 'id'], unique=False)
    op.create_table('risks',
    sa.Column('risk_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('semester', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('risk_groups', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('proposed_by', sa.Text(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('cleared_by', sa.Text(), nullable=True),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clear_reason_code', sa.Text(), nullable=True),
    sa.CheckConstraint("state = 'proposed' OR (decided_by IS NOT NULL AND reason_sealed IS NOT NULL)", name=op.f('risks_decided_with_a_reason')),
    sa.CheckConstraint("state IN ('proposed', 'confirmed', 'rejected', 'cleared')", name=op.f('risks_known_state')),
    sa.CheckConstraint('cardinality(risk_groups) > 0', name=op.f('risks_some_group')),
    sa.CheckConstraint('decided_by IS DISTINCT FROM proposed_by', name=op.f('risks_four_eyes')),
    sa.PrimaryKeyConstraint('risk_id', name=op.f('risks_key'))
    )
    op.create_index('risks_by_pupil', 'risks', ['pupil_ref', 'semester'], unique=False)
    op.create_index('risks_by_school', 'risks', ['school_id', 'semester', 'state'], unique=False)
    op.create_index('risks_one_live', 'risks', ['pupil_ref', 'semester'], unique=True, postgresql_where=sa.text("state IN ('proposed', 'confirmed')"))
    op.create_table('signals',
    sa.Column('signal_id', sa.Text(), nullable=False),
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('semester', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('rule_id', sa.Text(), nullable=False),
    sa.Column('rule_version', sa.Integer(), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('comparator', sa.Text(), nullable=False),
    sa.Column('lessons_unexcused', sa.Integer(), nullable=False),
    sa.Column('source_data_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signalled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('closed_by', sa.Text(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason_sealed', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("(state = 'dismissed') = (reason_sealed IS NOT NULL)", name=op.f('signals_dismissed_with_a_reason')),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f('signals_closed_has_a_time')),
    sa.CheckConstraint("state IN ('open', 'cleared', 'dismissed', 'answered')", name=op.f('signals_known_state')),
    sa.PrimaryKeyConstraint('signal_id', name=op.f('signals_key'))
    )
    op.create_index('signals_by_pupil', 'signals', ['pupil_ref', 'semester'], unique=False)
    op.create_index('signals_by_school', 'signals', ['school_id', 'semester'], unique=False)
    op.create_index('signals_one_open', 'signals', ['pupil_ref', 'semester'], unique=True, postgresql_where=sa.text("state = 'open'"))
    op.create_table('staff',
    sa.Column('staff_ref', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('person_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('school_ids', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('staff_ref', name=op.f('staff_key'))
    )
    op.create_index('staff_by_school', 'staff', ['school_ids'], unique=False, postgresql_using='gin')
    op.create_index('staff_one_subject', 'staff', ['subject'], unique=True, postgresql_where=sa.text('subject IS NOT NULL'))
    op.create_table('stays',
    sa.Column('pupil_ref', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.Column('school_id', sa.Text(), nullable=False),
    sa.Column('municipality_id', sa.Text(), nullable=False),
    sa.Column('partner', sa.Text(), nullable=False),
    sa.Column('programme', sa.Text(), nullable=False),
    sa.Column('grade', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('reason_code', sa.Text(), nullable=True),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('import_id', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('pupil_ref', 'version', name=op.f('stays_key'))
    )
    op.create_table('told_seeds',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', 'place', 'valid_from', name=op.f('told_seeds_key'))
    )
    op.create_table('factors',
    sa.Column('risk_id', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('risk_group', sa.Text(), nullable=False),
    sa.Column('factor_code', sa.Text(), nullable=True),
    sa.Column('factor_sealed', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("risk_group <> 'R2' OR factor_code IS NULL", name=op.f('factors_health_is_sealed')),
    sa.CheckConstraint('(factor_code IS NULL) <> (factor_sealed IS NULL)', name=op.f('factors_open_or_sealed')),
    sa.ForeignKeyConstraint(['risk_id'], ['risks.risk_id'], name=op.f('factors_of_risks'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('risk_id', 'number', name=op.f('factors_key'))
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table('factors')
    op.drop_table('told_seeds')
    op.drop_table('stays')
    op.drop_index('staff_one_subject', table_name='staff', postgresql_where=sa.text('subject IS NOT NULL'))
    op.drop_index('staff_by_school', table_name='staff', postgresql_using='gin')
    op.drop_table('staff')
    op.drop_index('signals_one_open', table_name='signals', postgresql_where=sa.text("state = 'open'"))
    op.drop_index('signals_by_school', table_name='signals')
    op.drop_index('signals_by_pupil', table_name='signals')
    op.drop_table('signals')
    op.drop_index('risks_one_live', table_name='risks', postgresql_where=sa.text("state IN ('proposed', 'confirmed')"))
    op.drop_index('risks_by_school', table_name='risks')
    op.drop_index('risks_by_pupil', table_name='risks')
    op.drop_table('risks')
    op.drop_index('read_log_by_subject', table_name='read_log')
    op.drop_table('read_log')
    op.drop_index('pupils_by_school', table_name='pupils')
    op.drop_table('pupils')
    op.drop_index('imports_by_time', table_name='imports')
    op.drop_table('imports')
    op.drop_index('heard_plans_by_pupil', table_name='heard_plans')
    op.drop_table('heard_plans')
    op.drop_index('grants_waiting', table_name='grants', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index('grants_by_subject', table_name='grants')
    op.drop_table('grants')
    op.drop_table('erasures')
    op.drop_index('contacts_by_pupil', table_name='contacts')
    op.drop_table('contacts')
    op.drop_index('attendance_by_school', table_name='attendance')
    op.drop_table('attendance')
    op.drop_index('applications_one_in_force', table_name='applications', postgresql_where=sa.text("state = 'signed'"))
    op.drop_index('applications_by_pupil', table_name='applications')
    op.drop_table('applications')
