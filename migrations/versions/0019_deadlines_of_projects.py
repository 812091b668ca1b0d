"""The earliest deadlines of a project are found in an index alone: without it all its clocks are read and sorted."""

from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

NAME, TABLE = 'ix_sample_clock_project_id_due_at', 'sample_clock'
COLUMNS = ['project_id', 'due_at', 'sample_id', 'clock', 'overdue_at', 'unknown_at']


def upgrade() -> None:
    op.drop_index(NAME, table_name=TABLE)
    op.create_index(NAME, TABLE, COLUMNS, unique=False)


def downgrade() -> None:
    op.drop_index(NAME, table_name=TABLE)
    op.create_index(NAME, TABLE, ['project_id', 'due_at', 'overdue_at', 'unknown_at'], unique=False)
