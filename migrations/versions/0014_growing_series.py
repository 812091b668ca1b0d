"""Series that grow while they are recorded: their parts, what was stacked of them, what waits to be looked at."""

from alembic import op
import sqlalchemy as sa
from app.infra.db.base import BigInt, Json, UtcDateTime

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('series',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=False),
    sa.Column('instrument_id', sa.String(length=40), nullable=True),
    sa.Column('region_id', sa.String(length=40), nullable=True),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('every', sa.Integer(), nullable=False),
    sa.Column('action', Json, nullable=True),
    sa.Column('acts_for', sa.String(length=40), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('expected', sa.Integer(), nullable=True),
    sa.Column('problem', Json, nullable=True),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_series_instrument_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_series_project_id')),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_series_region_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_series_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series'))
    )
    op.create_index('ix_series_project_id_id', 'series', ['project_id', 'id'], unique=False)
    op.create_index('ix_series_instrument_id_id', 'series', ['instrument_id', 'id'], unique=False)
    op.create_index('ix_series_region_id_state', 'series', ['region_id', 'state'], unique=False)
    op.create_index(op.f('ix_series_sample_id'), 'series', ['sample_id'], unique=False)

    op.create_table('series_part',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('series_id', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('dataset_id', sa.String(length=40), nullable=False),
    sa.Column('place', sa.Float(), nullable=True),
    sa.Column('refusal', sa.Text(), nullable=True),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_series_part_dataset_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_series_part_series_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series_part')),
    sa.UniqueConstraint('series_id', 'dataset_id', name=op.f('uq_series_part_series_id_dataset_id')),
    sa.UniqueConstraint('series_id', 'number', name=op.f('uq_series_part_series_id_number'))
    )
    op.create_index(op.f('ix_series_part_dataset_id'), 'series_part', ['dataset_id'], unique=False)

    op.create_table('series_assembly',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('series_id', sa.String(length=40), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('parts', Json, nullable=False),
    sa.Column('left_out', Json, nullable=False),
    sa.Column('is_final', sa.Boolean(), nullable=False),
    sa.Column('job_id', sa.String(length=40), nullable=True),
    sa.Column('dataset_id', sa.String(length=40), nullable=True),
    sa.Column('action', Json, nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('start', sa.String(length=200), nullable=True),
    sa.Column('refresh_job_id', sa.String(length=40), nullable=True),
    sa.Column('refresh_run_id', sa.String(length=40), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('acted_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_series_assembly_dataset_id')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_series_assembly_job_id')),
    sa.ForeignKeyConstraint(['refresh_job_id'], ['job.id'], name=op.f('fk_series_assembly_refresh_job_id')),
    sa.ForeignKeyConstraint(['refresh_run_id'], ['recipe_run.id'], name=op.f('fk_series_assembly_refresh_run_id')),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_series_assembly_series_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series_assembly')),
    sa.UniqueConstraint('series_id', 'fingerprint', name=op.f('uq_series_assembly_series_id_fingerprint'))
    )
    for column in ('job_id', 'dataset_id', 'refresh_job_id', 'refresh_run_id'):
        op.create_index(op.f(f'ix_series_assembly_{column}'), 'series_assembly', [column], unique=False)
    op.create_index('ix_series_assembly_series_id_id', 'series_assembly', ['series_id', 'id'], unique=False)

    op.create_table('series_candidate',
    sa.Column('id', BigInt, autoincrement=True, nullable=False),
    sa.Column('series_id', sa.String(length=40), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series_candidate'))
    )
    op.create_index(op.f('ix_series_candidate_series_id'), 'series_candidate', ['series_id'], unique=False)

    with op.batch_alter_table('dataset', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_interim', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('dataset', schema=None) as batch_op:
        batch_op.drop_column('is_interim')
    for name in ('series_candidate', 'series_assembly', 'series_part', 'series'):
        op.drop_table(name)
