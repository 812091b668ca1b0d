"""Files that lie on the facility's storage are registered where they lie."""

import sqlalchemy as sa
from alembic import op

from app.infra.db.base import BigInt, UtcDateTime

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('placed_file',
    sa.Column('dataset_id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('root', sa.String(length=40), nullable=False),
    sa.Column('path', sa.String(length=1024), nullable=False),
    sa.Column('size_bytes', BigInt, nullable=False),
    sa.Column('mtime_ns', BigInt, nullable=False),
    sa.Column('problem', sa.String(length=20), nullable=True),
    sa.Column('hashed_at', UtcDateTime(), nullable=False),
    sa.Column('checked_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_placed_file_dataset_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_placed_file_project_id')),
    sa.PrimaryKeyConstraint('dataset_id', name=op.f('pk_placed_file'))
    )
    op.create_index('ix_placed_file_checked_at', 'placed_file', ['checked_at'], unique=False)
    op.create_index('ix_placed_file_project_id_size_bytes', 'placed_file', ['project_id', 'size_bytes'], unique=False)
    op.add_column('upload', sa.Column('root', sa.String(length=40), nullable=True))
    op.add_column('upload', sa.Column('path', sa.String(length=1024), nullable=True))


def downgrade() -> None:
    op.drop_column('upload', 'path')
    op.drop_column('upload', 'root')
    op.drop_table('placed_file')
