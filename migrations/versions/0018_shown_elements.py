"""Datasets and results are found by the elements that were mapped or quantified in them."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.infra.db.base import Json
from app.infra.db.elements import elements_of

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

NAME = 'shown_element'
BATCH = 500
SHOWN = sa.table(NAME, *(sa.column(name, sa.String) for name in ('element', 'object_id', 'by_id')))
DATASET = sa.table(
    'dataset',
    *(sa.column(name, sa.String) for name in ('id', 'project_id', 'state')),
    sa.column('arrays', Json),
)
RESULT = sa.table(
    'result',
    *(sa.column(name, sa.String) for name in ('id', 'project_id', 'state')),
    sa.column('outputs', Json),
    sa.column('run_record', Json),
)
EDGE = sa.table('lineage_edge', *(sa.column(name, sa.String) for name in ('source_id', 'target_id', 'relation')))


def upgrade() -> None:
    op.create_table(
        NAME,
        sa.Column('element', sa.String(length=2), nullable=False),
        sa.Column('object_id', sa.String(length=40), nullable=False),
        sa.Column('by_id', sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint('element', 'object_id', 'by_id', name=op.f('pk_shown_element')),
    )
    op.create_index(op.f('ix_shown_element_by_id'), NAME, ['by_id'], unique=False)
    for identifier, arrays in _rows(DATASET, DATASET.c.arrays):
        _keep(identifier, elements_of(_read(arrays)), {identifier})
    for identifier, project_id, outputs, record in _rows(
        RESULT, RESULT.c.project_id, RESULT.c.outputs, RESULT.c.run_record
    ):
        elements = elements_of(_read(outputs), dict(_read(record)).get('params'))
        sources = _sources(identifier, project_id) if elements else set()
        _keep(identifier, elements, {identifier, *sources})


def _rows(table: Any, *columns: Any) -> Any:
    connection, after = op.get_bind(), ''
    query = sa.select(table.c.id, *columns).where(table.c.state != 'deleted').order_by(table.c.id).limit(BATCH)
    while rows := connection.execute(query.where(table.c.id > after)).all():
        yield from rows
        after = rows[-1][0]


def _sources(result_id: str, project_id: str) -> set[str]:
    connection = op.get_bind()
    first = sa.select(EDGE.c.target_id.label('id')).where(
        EDGE.c.source_id == result_id, EDGE.c.relation == 'wasDerivedFrom'
    )
    walk = first.cte('sources', recursive=True)
    step = sa.select(EDGE.c.target_id).join(walk, EDGE.c.source_id == walk.c.id)
    walk = walk.union(step.where(EDGE.c.relation == 'wasDerivedFrom'))
    own = sa.select(DATASET.c.id).where(DATASET.c.id.in_(sa.select(walk.c.id)), DATASET.c.project_id == project_id)
    return set(connection.execute(own).scalars())


def _keep(by_id: str, elements: Any, objects: Any) -> None:
    rows = [{'element': element, 'object_id': each, 'by_id': by_id} for element in elements for each in objects]
    if rows:
        op.get_bind().execute(sa.insert(SHOWN), rows)


def _read(value: Any) -> Any:
    return (json.loads(value) if isinstance(value, str) else value) or []


def downgrade() -> None:
    op.drop_index(op.f('ix_shown_element_by_id'), table_name=NAME)
    op.drop_table(NAME)
