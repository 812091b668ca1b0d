"""What was stacked of a series says how many parts it had; which they were, the job that stacked them says."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.infra.db.base import Json

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

LENGTH = {'sqlite': sa.func.json_array_length, 'postgresql': sa.func.jsonb_array_length}


def upgrade() -> None:
    with op.batch_alter_table('series_assembly', schema=None) as batch_op:
        batch_op.add_column(sa.Column('part_count', sa.Integer(), nullable=False, server_default='0'))
    assembly = sa.table('series_assembly', sa.column('part_count'), sa.column('parts'))
    length = LENGTH[op.get_bind().dialect.name]
    op.execute(sa.update(assembly).values(part_count=length(assembly.c.parts)))
    with op.batch_alter_table('series_assembly', schema=None) as batch_op:
        batch_op.alter_column('part_count', server_default=None)
        batch_op.drop_column('parts')


def downgrade() -> None:
    with op.batch_alter_table('series_assembly', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parts', Json, nullable=False, server_default='[]'))
    _fill()
    with op.batch_alter_table('series_assembly', schema=None) as batch_op:
        batch_op.alter_column('parts', server_default=None)
        batch_op.drop_column('part_count')


def _fill() -> None:
    assembly = sa.table('series_assembly', sa.column('id'), sa.column('job_id'), sa.column('parts', Json))
    job = sa.table('job', sa.column('id'), sa.column('inputs', Json), sa.column('params', Json))
    connection = op.get_bind()
    query = sa.select(assembly.c.id, job.c.inputs, job.c.params).join(job, job.c.id == assembly.c.job_id)
    for identifier, inputs, params in connection.execute(query).all():
        parts = _parts(_read(inputs), _read(params))
        connection.execute(sa.update(assembly).where(assembly.c.id == identifier).values(parts=parts))


def _parts(inputs: dict[str, Any], params: dict[str, Any]) -> list[dict[str, Any]]:
    found = zip(params['numbers'], params['places'], inputs['parts'], strict=True)
    return [
        {'number': number, 'place': place, **dict(zip(('dataset_id', 'array'), given.split('/', 1), strict=True))}
        for number, place, given in found
    ]


def _read(record: Any) -> Any:
    return json.loads(record) if isinstance(record, str) else record
