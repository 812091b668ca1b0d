"""Datasets and results name the kinds of their arrays, by which what fits an input is found."""

import json
from typing import Any

from alembic import op
import sqlalchemy as sa
from app.infra.db.array_kinds import LONGEST, array_kinds
from app.infra.db.base import Json

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

TABLES = {'dataset': 'arrays', 'result': 'outputs'}
BATCH = 500


def upgrade() -> None:
    for name, column in TABLES.items():
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.add_column(sa.Column('array_kinds', sa.String(length=LONGEST), nullable=False, server_default=''))
        _fill(name, column)
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.alter_column('array_kinds', server_default=None)
        op.create_index(f'ix_{name}_array_kinds_id', name, ['array_kinds', 'id'], unique=False)


def _fill(name: str, column: str) -> None:
    table = sa.table(name, sa.column('id', sa.String), sa.column(column, Json), sa.column('array_kinds', sa.String))
    connection, after = op.get_bind(), ''
    while rows := connection.execute(
        sa.select(table.c.id, table.c[column]).where(table.c.id > after).order_by(table.c.id).limit(BATCH)
    ).all():
        for identifier, summaries in rows:
            kinds = array_kinds(_read(summaries))
            connection.execute(sa.update(table).where(table.c.id == identifier).values(array_kinds=kinds))
        after = rows[-1][0]


def _read(summaries: Any) -> Any:
    return json.loads(summaries) if isinstance(summaries, str) else summaries


def downgrade() -> None:
    for name in TABLES:
        op.drop_index(f'ix_{name}_array_kinds_id', table_name=name)
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.drop_column('array_kinds')
