"""Rules of automatic processing: what they say, what they did, and who started a job."""

from alembic import op
import sqlalchemy as sa
from app.infra.db.base import Json, UtcDateTime

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('processing_rule',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_processing_rule_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_processing_rule'))
    )
    op.create_index('ix_processing_rule_project_id_id', 'processing_rule', ['project_id', 'id'], unique=False)
    op.create_index(
        'ix_processing_rule_project_id_is_enabled', 'processing_rule', ['project_id', 'is_enabled'], unique=False
    )

    op.create_table('rule_version',
    sa.Column('rule_id', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('document', Json, nullable=False),
    sa.Column('reason', sa.String(length=255), nullable=False),
    sa.Column('made_by', sa.String(length=40), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['rule_id'], ['processing_rule.id'], name=op.f('fk_rule_version_rule_id')),
    sa.PrimaryKeyConstraint('rule_id', 'number', name=op.f('pk_rule_version'))
    )

    op.create_table('rule_candidate',
    sa.Column('dataset_id', sa.String(length=40), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_rule_candidate_dataset_id')),
    sa.PrimaryKeyConstraint('dataset_id', name=op.f('pk_rule_candidate'))
    )

    op.create_table('rule_firing',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('rule_id', sa.String(length=40), nullable=False),
    sa.Column('rule_version', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('dataset_id', sa.String(length=40), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('matched', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('job_id', sa.String(length=40), nullable=True),
    sa.Column('run_id', sa.String(length=40), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_rule_firing_dataset_id')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_rule_firing_job_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_rule_firing_project_id')),
    sa.ForeignKeyConstraint(['rule_id'], ['processing_rule.id'], name=op.f('fk_rule_firing_rule_id')),
    sa.ForeignKeyConstraint(['run_id'], ['recipe_run.id'], name=op.f('fk_rule_firing_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_firing')),
    sa.UniqueConstraint(
        'rule_id', 'rule_version', 'dataset_id', name=op.f('uq_rule_firing_rule_id_rule_version_dataset_id')
    )
    )
    op.create_index('ix_rule_firing_rule_id_id', 'rule_firing', ['rule_id', 'id'], unique=False)
    op.create_index('ix_rule_firing_rule_id_outcome_at', 'rule_firing', ['rule_id', 'outcome', 'at'], unique=False)
    op.create_index(op.f('ix_rule_firing_dataset_id'), 'rule_firing', ['dataset_id'], unique=False)

    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rule_id', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('started_by', Json, nullable=True))
    op.create_index('ix_job_rule_id_state', 'job', ['rule_id', 'state'], unique=False)
    with op.batch_alter_table('recipe_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('started_by', Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('recipe_run', schema=None) as batch_op:
        batch_op.drop_column('started_by')
    op.drop_index('ix_job_rule_id_state', table_name='job')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('started_by')
        batch_op.drop_column('rule_id')
    for name in ('rule_firing', 'rule_candidate', 'rule_version', 'processing_rule'):
        op.drop_table(name)
