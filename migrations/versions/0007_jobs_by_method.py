"""The latest jobs of a method are found at once: how long the next one takes is told from them."""

from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_job_method_id', 'job', ['method', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_job_method_id', table_name='job')
