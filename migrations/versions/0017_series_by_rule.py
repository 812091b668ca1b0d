"""A growing series says from which version of a rule its action came."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('series', sa.Column('rule_id', sa.String(length=40), nullable=True))
    op.add_column('series', sa.Column('rule_version', sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column('series', 'rule_version')
    op.drop_column('series', 'rule_id')
