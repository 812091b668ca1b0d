"""A job holds room of its project's quota until it ends; one under way in this moment holds none."""

import sqlalchemy as sa
from alembic import op

from app.infra.db.base import BigInt

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

NAME = 'ix_job_project_id_reserved_bytes'
RESERVES = sa.text("reserved_bytes > 0 AND state IN ('queued', 'running', 'cancelling')")


def upgrade() -> None:
    op.add_column('job', sa.Column('reserved_bytes', BigInt, nullable=False, server_default='0'))
    columns = ['project_id', 'reserved_bytes']
    op.create_index(NAME, 'job', columns, unique=False, sqlite_where=RESERVES, postgresql_where=RESERVES)


def downgrade() -> None:
    op.drop_index(NAME, table_name='job')
    op.drop_column('job', 'reserved_bytes')
