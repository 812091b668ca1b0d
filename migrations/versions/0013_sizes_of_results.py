"""What results hold is summed from an index: their rows are long."""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

NAME = 'ix_result_project_id_state_size_bytes'


def upgrade() -> None:
    op.create_index(NAME, 'result', ['project_id', 'state', 'size_bytes'], unique=False)


def downgrade() -> None:
    op.drop_index(NAME, table_name='result')
