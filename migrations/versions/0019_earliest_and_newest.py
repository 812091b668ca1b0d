"""
A project's earliest deadlines and a sample's newest data, jobs and results are found in an index alone.

Without these every clock of the project, and every job and result of the sample or even its project, is read and sorted
for each page.
"""

from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

CLOCKS, TABLE = 'ix_sample_clock_project_id_due_at', 'sample_clock'
DEADLINE = ['project_id', 'due_at', 'sample_id', 'clock', 'overdue_at', 'unknown_at']
OF_SAMPLES = ('dataset', 'job', 'result')


def upgrade() -> None:
    op.drop_index(CLOCKS, table_name=TABLE)
    op.create_index(CLOCKS, TABLE, DEADLINE, unique=False)
    for table in OF_SAMPLES:
        op.drop_index(f'ix_{table}_sample_id', table_name=table)
        op.create_index(f'ix_{table}_sample_id_id_created_at', table, ['sample_id', 'id', 'created_at'], unique=False)


def downgrade() -> None:
    for table in OF_SAMPLES:
        op.drop_index(f'ix_{table}_sample_id_id_created_at', table_name=table)
        op.create_index(f'ix_{table}_sample_id', table, ['sample_id'], unique=False)
    op.drop_index(CLOCKS, table_name=TABLE)
    op.create_index(CLOCKS, TABLE, ['project_id', 'due_at', 'overdue_at', 'unknown_at'], unique=False)
