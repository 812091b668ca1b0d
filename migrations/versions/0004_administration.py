"""Workers that report, paused queues, measured space, when people were last seen."""

from alembic import op
import sqlalchemy as sa
from app.infra.db.base import BigInt
from app.infra.db.base import Json
from app.infra.db.base import UtcDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('worker',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('queues', Json, nullable=False),
    sa.Column('slots', sa.Integer(), nullable=False),
    sa.Column('software', sa.String(length=40), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=False),
    sa.Column('seen_at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_worker'))
    )
    op.create_table('queue_pause',
    sa.Column('queue', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('paused_by', sa.String(length=40), nullable=False),
    sa.Column('paused_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('queue', name=op.f('pk_queue_pause'))
    )
    op.create_table('space_measure',
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('size_bytes', BigInt, nullable=False),
    sa.Column('files', BigInt, nullable=False),
    sa.Column('measured_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_space_measure'))
    )
    op.add_column('user_account', sa.Column('last_seen_at', UtcDateTime(), nullable=True))
    # indexes alone: remaking the table of the audit log would lose the triggers that guard it
    op.create_index('ix_audit_entry_action_seq', 'audit_entry', ['action', 'seq'], unique=False)
    op.create_index('ix_audit_entry_at', 'audit_entry', ['at'], unique=False)
    op.create_index('ix_job_finished_at_queue_state', 'job', ['finished_at', 'queue', 'state'], unique=False)
