"""Notes and tags, and links for reviewers."""

from alembic import op
import sqlalchemy as sa
from app.infra.db.base import UtcDateTime

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('note',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('target_id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_note_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    op.create_index(op.f('ix_note_project_id'), 'note', ['project_id'], unique=False)
    op.create_index(op.f('ix_note_target_id'), 'note', ['target_id'], unique=False)

    op.create_table('review_link',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('target_id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_by', sa.String(length=40), nullable=True),
    sa.Column('looks', sa.Integer(), nullable=False),
    sa.Column('last_look_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_review_link_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_link')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_review_link_token_digest'))
    )
    op.create_index(op.f('ix_review_link_project_id'), 'review_link', ['project_id'], unique=False)
    op.create_index(op.f('ix_review_link_target_id'), 'review_link', ['target_id'], unique=False)

    op.create_table('tag',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('target_id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=4), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('tag', sa.String(length=40), nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_tag_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tag')),
    sa.UniqueConstraint('target_id', 'tag', name=op.f('uq_tag_target_id_tag'))
    )
    op.create_index('ix_tag_project_id_tag_target_id', 'tag', ['project_id', 'tag', 'target_id'], unique=False)
    op.create_index('ix_tag_tag_target_id', 'tag', ['tag', 'target_id'], unique=False)
