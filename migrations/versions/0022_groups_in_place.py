"""Several files on the facility's storage are one dataset where they lie."""

import sqlalchemy as sa
from alembic import op

from app.infra.db.base import Json

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('placed_file', sa.Column('files', sa.Integer(), nullable=True))
    op.add_column('placed_file', sa.Column('members', Json, nullable=True))
    op.add_column('placed_file', sa.Column('problem_files', sa.String(length=400), nullable=True))
    op.add_column('upload', sa.Column('members', Json, nullable=True))


def downgrade() -> None:
    op.drop_column('upload', 'members')
    op.drop_column('placed_file', 'problem_files')
    op.drop_column('placed_file', 'members')
    op.drop_column('placed_file', 'files')
