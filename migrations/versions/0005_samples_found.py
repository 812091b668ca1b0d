"""What kind of thing a sample is, and what finds samples fast."""

from alembic import op
import sqlalchemy as sa

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('sample', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=20), nullable=True))
        batch_op.create_index('ix_sample_project_id_material_kind', ['project_id', 'material', 'kind'], unique=False)

    with op.batch_alter_table('custody_event', schema=None) as batch_op:
        batch_op.create_index('ix_custody_event_type_sample_id', ['type', 'sample_id'], unique=False)
