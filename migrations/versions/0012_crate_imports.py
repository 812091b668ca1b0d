"""Crates that were taken in, and where what came in them has its origin."""

from alembic import op
import sqlalchemy as sa
from app.infra.db.base import Json, UtcDateTime

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('crate_import',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('dataset_id', sa.String(length=40), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('target_id', sa.String(length=40), nullable=True),
    sa.Column('title', sa.String(length=700), nullable=False),
    sa.Column('origin', sa.String(length=500), nullable=True),
    sa.Column('counts', Json, nullable=False),
    sa.Column('record', Json, nullable=False),
    sa.Column('warnings', Json, nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_crate_import_dataset_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_crate_import_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_crate_import'))
    )
    op.create_index(op.f('ix_crate_import_dataset_id'), 'crate_import', ['dataset_id'], unique=False)
    op.create_index('ix_crate_import_project_id_id', 'crate_import', ['project_id', 'id'], unique=False)

    op.create_table('imported_object',
    sa.Column('object_id', sa.String(length=40), nullable=False),
    sa.Column('origin_id', sa.String(length=40), nullable=False),
    sa.Column('import_id', sa.String(length=40), nullable=False),
    sa.Column('record', Json, nullable=False),
    sa.ForeignKeyConstraint(['import_id'], ['crate_import.id'], name=op.f('fk_imported_object_import_id')),
    sa.PrimaryKeyConstraint('object_id', name=op.f('pk_imported_object'))
    )
    op.create_index(op.f('ix_imported_object_import_id'), 'imported_object', ['import_id'], unique=False)
    op.create_index(op.f('ix_imported_object_origin_id'), 'imported_object', ['origin_id'], unique=False)


def downgrade() -> None:
    op.drop_table('imported_object')
    op.drop_table('crate_import')
