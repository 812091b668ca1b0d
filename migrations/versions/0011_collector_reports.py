"""Instruments keep what their collector says; a project may hold the same bytes for two samples."""

from alembic import op
import sqlalchemy as sa
from app.infra.db.base import Json

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

LIVE = "state <> 'deleted'"
ALONE = f"{LIVE} AND sample_id IS NULL"


def upgrade() -> None:
    with op.batch_alter_table('instrument', schema=None) as batch_op:
        batch_op.add_column(sa.Column('collector', Json, nullable=True))
    op.drop_index('uq_dataset_project_id_sha256', table_name='dataset')
    _unique('uq_dataset_project_id_sha256_sample_id', ['project_id', 'sha256', 'sample_id'], LIVE)
    _unique('uq_dataset_project_id_sha256_alone', ['project_id', 'sha256'], ALONE)
    op.create_index('ix_upload_instrument_id_size_bytes', 'upload', ['instrument_id', 'size_bytes'], unique=False)


def _unique(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, 'dataset', columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )


def downgrade() -> None:
    """Fails where two samples of a project share bytes: remove one of the datasets first."""
    op.drop_index('ix_upload_instrument_id_size_bytes', table_name='upload')
    op.drop_index('uq_dataset_project_id_sha256_alone', table_name='dataset')
    op.drop_index('uq_dataset_project_id_sha256_sample_id', table_name='dataset')
    _unique('uq_dataset_project_id_sha256', ['project_id', 'sha256'], LIVE)
    with op.batch_alter_table('instrument', schema=None) as batch_op:
        batch_op.drop_column('collector')
