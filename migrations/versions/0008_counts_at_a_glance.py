"""What the home page counts is counted from indexes: retries, open alarms, clocks by state, bytes, unread files."""

from alembic import op
import sqlalchemy as sa

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_job_retry_of', 'job', ['retry_of'], unique=False)
    op.create_index('ix_dataset_project_id_state_size_bytes', 'dataset', ['project_id', 'state', 'size_bytes'], unique=False)
    op.create_index('ix_dataset_state_instrument_id', 'dataset', ['state', 'instrument_id'], unique=False)
    op.create_index(
        'ix_alarm_open', 'alarm', ['id', 'project_id'], unique=False,
        sqlite_where=sa.text('acknowledged_at IS NULL'), postgresql_where=sa.text('acknowledged_at IS NULL'),
    )
    op.drop_index('ix_sample_clock_project_id_due_at', table_name='sample_clock')
    op.drop_index('ix_sample_clock_due_at', table_name='sample_clock')
    op.create_index(
        'ix_sample_clock_due_at', 'sample_clock', ['due_at', 'sample_id', 'clock', 'overdue_at', 'unknown_at'], unique=False
    )
    op.create_index(
        'ix_sample_clock_project_id_due_at', 'sample_clock', ['project_id', 'due_at', 'overdue_at', 'unknown_at'],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index('ix_sample_clock_project_id_due_at', table_name='sample_clock')
    op.drop_index('ix_sample_clock_due_at', table_name='sample_clock')
    op.create_index('ix_sample_clock_due_at', 'sample_clock', ['due_at', 'sample_id', 'clock'], unique=False)
    op.create_index('ix_sample_clock_project_id_due_at', 'sample_clock', ['project_id', 'due_at'], unique=False)
    op.drop_index('ix_alarm_open', table_name='alarm')
    op.drop_index('ix_dataset_state_instrument_id', table_name='dataset')
    op.drop_index('ix_dataset_project_id_state_size_bytes', table_name='dataset')
    op.drop_index('ix_job_retry_of', table_name='job')
