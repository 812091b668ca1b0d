"""
A project's earliest deadlines, a sample's newest data, jobs and results, and jobs by state are found in indices alone.

Without these every clock of the project, every job and result of the sample or even its project, and every job that
ever ended or failed is read, and most are sorted, for each page.
"""

from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

#: Table, name and columns of what goes, and of what stands in its place.
CHANGES = (
    (
        'sample_clock',
        ('ix_sample_clock_project_id_due_at', ['project_id', 'due_at', 'overdue_at', 'unknown_at']),
        (
            'ix_sample_clock_project_id_due_at',
            ['project_id', 'due_at', 'sample_id', 'clock', 'overdue_at', 'unknown_at'],
        ),
    ),
    *(
        (
            table,
            (f'ix_{table}_sample_id', ['sample_id']),
            (f'ix_{table}_sample_id_id_created_at', ['sample_id', 'id', 'created_at']),
        )
        for table in ('dataset', 'job', 'result')
    ),
    (
        'job',
        ('ix_job_finished_at_queue_state', ['finished_at', 'queue', 'state']),
        ('ix_job_state_finished_at_queue', ['state', 'finished_at', 'queue']),
    ),
    (
        'job',
        ('ix_job_state_lease_until', ['state', 'lease_until']),
        ('ix_job_state_id_project_id', ['state', 'id', 'project_id']),
    ),
)


def upgrade() -> None:
    for table, old, new in CHANGES:
        _put(table, new, in_place_of=old)


def downgrade() -> None:
    for table, old, new in reversed(CHANGES):
        _put(table, old, in_place_of=new)


def _put(table: str, index: tuple[str, list[str]], *, in_place_of: tuple[str, list[str]]) -> None:
    op.drop_index(in_place_of[0], table_name=table)
    op.create_index(index[0], table, index[1], unique=False)
