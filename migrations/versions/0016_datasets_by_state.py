"""Datasets of one state are listed newest first from an index: without it all of them are sorted for each page."""

from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

NAME = 'ix_dataset_state_id'


def upgrade() -> None:
    op.create_index(NAME, 'dataset', ['state', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index(NAME, table_name='dataset')
