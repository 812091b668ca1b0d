"""Runs of recipes, and what tells equal jobs."""

from alembic import op
import sqlalchemy as sa
from app.infra.db.base import BigInt
from app.infra.db.base import Json
from app.infra.db.base import UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recipe_run',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=True),
    sa.Column('recipe', sa.String(length=60), nullable=False),
    sa.Column('recipe_version', sa.String(length=20), nullable=False),
    sa.Column('preset', sa.String(length=60), nullable=True),
    sa.Column('inputs', Json, nullable=False),
    sa.Column('params', Json, nullable=False),
    sa.Column('outputs', Json, nullable=False),
    sa.Column('seed', BigInt, nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('problem', Json, nullable=True),
    sa.Column('restarts', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_recipe_run_project_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_recipe_run_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipe_run'))
    )
    with op.batch_alter_table('recipe_run', schema=None) as batch_op:
        batch_op.create_index('ix_recipe_run_finished_at', ['finished_at', 'id'], unique=False)
        batch_op.create_index('ix_recipe_run_project_id_id', ['project_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_recipe_run_sample_id'), ['sample_id'], unique=False)

    op.create_table('recipe_step',
    sa.Column('run_id', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('method', sa.String(length=60), nullable=False),
    sa.Column('inputs', Json, nullable=False),
    sa.Column('params', Json, nullable=False),
    sa.Column('job_id', sa.String(length=40), nullable=True),
    sa.Column('is_reused', sa.Boolean(), nullable=False),
    sa.Column('problem', Json, nullable=True),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_recipe_step_job_id')),
    sa.ForeignKeyConstraint(['run_id'], ['recipe_run.id'], name=op.f('fk_recipe_step_run_id')),
    sa.PrimaryKeyConstraint('run_id', 'name', name=op.f('pk_recipe_step'))
    )
    with op.batch_alter_table('recipe_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recipe_step_job_id'), ['job_id'], unique=False)

    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fingerprint', sa.String(length=64), nullable=True))
        batch_op.create_index('ix_job_project_id_fingerprint', ['project_id', 'fingerprint'], unique=False)
