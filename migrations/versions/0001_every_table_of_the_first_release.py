"""Every table of the first release"""

from alembic import op
import sqlalchemy as sa
from app.infra.db import guards
from app.infra.db.base import BigInt
from app.infra.db.base import Json
from app.infra.db.base import UtcDateTime

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_entry',
    sa.Column('seq', BigInt, autoincrement=False, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('actor_id', sa.String(length=40), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('object_id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=True),
    sa.Column('details', Json, nullable=False),
    sa.Column('request_id', sa.String(length=64), nullable=True),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_object_id'), ['object_id'], unique=False)

    op.create_table('blob',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size_bytes', BigInt, nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('verified_at', UtcDateTime(), nullable=True),
    sa.Column('damaged_at', UtcDateTime(), nullable=True),
    sa.Column('deleted_at', UtcDateTime(), nullable=True),
    sa.Column('purged_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_blob'))
    )
    op.create_table('counter',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('value', BigInt, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_counter'))
    )
    op.create_table('idempotency',
    sa.Column('actor_id', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('request_digest', sa.String(length=64), nullable=False),
    sa.Column('running_until', sa.Float(), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', Json, nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('actor_id', 'key', name=op.f('pk_idempotency'))
    )
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_created_at'), ['created_at'], unique=False)

    op.create_table('instrument',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('technique', sa.String(length=40), nullable=False),
    sa.Column('vendor', sa.String(length=200), nullable=True),
    sa.Column('model', sa.String(length=200), nullable=True),
    sa.Column('location', sa.String(length=200), nullable=True),
    sa.Column('last_heartbeat_at', UtcDateTime(), nullable=True),
    sa.Column('clock_offset_s', sa.Float(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instrument')),
    sa.UniqueConstraint('code', name=op.f('uq_instrument_code'))
    )
    op.create_table('lineage_edge',
    sa.Column('source_id', sa.String(length=40), nullable=False),
    sa.Column('target_id', sa.String(length=40), nullable=False),
    sa.Column('relation', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('source_id', 'target_id', 'relation', name=op.f('pk_lineage_edge'))
    )
    with op.batch_alter_table('lineage_edge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lineage_edge_target_id'), ['target_id'], unique=False)

    op.create_table('one_time_code',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('code_digest', sa.String(length=64), nullable=False),
    sa.Column('payload', Json, nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_code')),
    sa.UniqueConstraint('code_digest', name=op.f('uq_one_time_code_code_digest'))
    )
    op.create_table('outbox',
    sa.Column('id', BigInt, autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('payload', Json, nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_sent_at_id', ['sent_at', 'id'], unique=False)

    op.create_table('project',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('quota_bytes', BigInt, nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('code', name=op.f('uq_project_code'))
    )
    op.create_table('secret',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('value', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_secret'))
    )
    op.create_table('tombstone',
    sa.Column('object_id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('record', Json, nullable=False),
    sa.Column('deleted_by', sa.String(length=40), nullable=False),
    sa.Column('deleted_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('object_id', name=op.f('pk_tombstone'))
    )
    with op.batch_alter_table('tombstone', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tombstone_project_id'), ['project_id'], unique=False)

    op.create_table('user_account',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('login', sa.String(length=100), nullable=False),
    sa.Column('display_name', sa.String(length=200), nullable=False),
    sa.Column('facility_role', sa.String(length=20), nullable=False),
    sa.Column('password_hash', sa.String(length=300), nullable=True),
    sa.Column('oidc_subject', sa.String(length=500), nullable=True),
    sa.Column('disabled_at', UtcDateTime(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('login', name=op.f('uq_user_account_login')),
    sa.UniqueConstraint('oidc_subject', name=op.f('uq_user_account_oidc_subject'))
    )
    op.create_table('access_key',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('secret_digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.String(length=40), nullable=True),
    sa.Column('instrument_id', sa.String(length=40), nullable=True),
    sa.Column('scopes', Json, nullable=False),
    sa.Column('project_ids', Json, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('last_used_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint('(user_id is null) <> (instrument_id is null)', name=op.f('ck_access_key_one_owner')),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_access_key_instrument_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_access_key_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access_key'))
    )
    with op.batch_alter_table('access_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_access_key_instrument_id'), ['instrument_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_access_key_user_id'), ['user_id'], unique=False)

    op.create_table('login',
    sa.Column('token_digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.String(length=40), nullable=False),
    sa.Column('csrf_token', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('last_seen_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_login_user_id')),
    sa.PrimaryKeyConstraint('token_digest', name=op.f('pk_login'))
    )
    with op.batch_alter_table('login', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_user_id'), ['user_id'], unique=False)

    op.create_table('membership',
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('user_id', sa.String(length=40), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_membership_project_id')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id')),
    sa.PrimaryKeyConstraint('project_id', 'user_id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_user_id'), ['user_id'], unique=False)

    op.create_table('retention_rule',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('keep_days', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_retention_rule_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_rule'))
    )
    with op.batch_alter_table('retention_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_retention_rule_project_id'), ['project_id'], unique=False)

    op.create_table('sample',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('parent_id', sa.String(length=40), nullable=True),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('material', sa.String(length=40), nullable=False),
    sa.Column('electrolyte', sa.String(length=300), nullable=True),
    sa.Column('cell_history', sa.Text(), nullable=True),
    sa.Column('split_at', UtcDateTime(), nullable=True),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['sample.id'], name=op.f('fk_sample_parent_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_sample_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample')),
    sa.UniqueConstraint('code', name=op.f('uq_sample_code'))
    )
    with op.batch_alter_table('sample', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sample_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index('ix_sample_project_id_id', ['project_id', 'id'], unique=False)

    op.create_table('custody_event',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('occurred_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.Column('clock_offset_s', sa.Float(), nullable=True),
    sa.Column('recorded_by', sa.String(length=40), nullable=False),
    sa.Column('operator', sa.String(length=200), nullable=True),
    sa.Column('place', sa.String(length=200), nullable=True),
    sa.Column('payload', Json, nullable=False),
    sa.Column('evidence', Json, nullable=False),
    sa.Column('warnings', Json, nullable=False),
    sa.Column('supersedes_id', sa.String(length=40), nullable=True),
    sa.Column('client_event_id', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_custody_event_sample_id')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['custody_event.id'], name=op.f('fk_custody_event_supersedes_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_custody_event')),
    sa.UniqueConstraint('recorded_by', 'client_event_id', name=op.f('uq_custody_event_recorded_by_client_event_id')),
    sa.UniqueConstraint('supersedes_id', name=op.f('uq_custody_event_supersedes_id'))
    )
    with op.batch_alter_table('custody_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_custody_event_sample_id'), ['sample_id'], unique=False)

    op.create_table('job',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('method', sa.String(length=60), nullable=False),
    sa.Column('method_version', sa.String(length=20), nullable=False),
    sa.Column('queue', sa.String(length=20), nullable=False),
    sa.Column('inputs', Json, nullable=False),
    sa.Column('params', Json, nullable=False),
    sa.Column('seed', BigInt, nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('cancel_requested', sa.Boolean(), nullable=False),
    sa.Column('early_finish_requested', sa.Boolean(), nullable=False),
    sa.Column('lease_token', sa.String(length=40), nullable=True),
    sa.Column('lease_until', sa.Float(), nullable=True),
    sa.Column('worker', sa.String(length=200), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('crashes', sa.Integer(), nullable=False),
    sa.Column('lost_leases', sa.Integer(), nullable=False),
    sa.Column('publications', sa.Integer(), nullable=False),
    sa.Column('last_event_seq', sa.Integer(), nullable=False),
    sa.Column('progress', Json, nullable=True),
    sa.Column('problem', Json, nullable=True),
    sa.Column('result_id', sa.String(length=40), nullable=True),
    sa.Column('retry_of', sa.String(length=40), nullable=True),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=True),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_job_project_id')),
    sa.ForeignKeyConstraint(['retry_of'], ['job.id'], name=op.f('fk_job_retry_of')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_job_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_created_by_started_at', ['created_by', 'started_at'], unique=False)
        batch_op.create_index('ix_job_created_by_state', ['created_by', 'state'], unique=False)
        batch_op.create_index('ix_job_project_id_id', ['project_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_job_sample_id'), ['sample_id'], unique=False)
        batch_op.create_index('ix_job_state_lease_until', ['state', 'lease_until'], unique=False)
        batch_op.create_index('ix_job_state_queue_id', ['state', 'queue', 'id'], unique=False)

    op.create_table('upload',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=True),
    sa.Column('instrument_id', sa.String(length=40), nullable=True),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('attributes', Json, nullable=False),
    sa.Column('size_bytes', BigInt, nullable=False),
    sa.Column('offset_bytes', BigInt, nullable=False),
    sa.Column('declared_sha256', sa.String(length=64), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('problem', Json, nullable=True),
    sa.Column('lease_token', sa.String(length=40), nullable=True),
    sa.Column('lease_until', sa.Float(), nullable=True),
    sa.Column('dataset_id', sa.String(length=40), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_upload_instrument_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_upload_project_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_upload_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload'))
    )
    with op.batch_alter_table('upload', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_upload_created_by'), ['created_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_upload_project_id'), ['project_id'], unique=False)
        batch_op.create_index('ix_upload_state_expires_at', ['state', 'expires_at'], unique=False)

    op.create_table('dataset',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=True),
    sa.Column('instrument_id', sa.String(length=40), nullable=True),
    sa.Column('upload_id', sa.String(length=40), nullable=True),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size_bytes', BigInt, nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('problem', Json, nullable=True),
    sa.Column('format', sa.String(length=40), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=True),
    sa.Column('arrays', Json, nullable=False),
    sa.Column('quantities', Json, nullable=False),
    sa.Column('calibration', Json, nullable=False),
    sa.Column('calibration_history', Json, nullable=False),
    sa.Column('original', Json, nullable=False),
    sa.Column('attributes', Json, nullable=False),
    sa.Column('warnings', Json, nullable=False),
    sa.Column('acquired_at', sa.String(length=40), nullable=True),
    sa.Column('store_key', sa.String(length=200), nullable=True),
    sa.Column('created_by', sa.String(length=40), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_dataset_instrument_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_dataset_project_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_dataset_sample_id')),
    sa.ForeignKeyConstraint(['sha256'], ['blob.sha256'], name=op.f('fk_dataset_sha256')),
    sa.ForeignKeyConstraint(['upload_id'], ['upload.id'], name=op.f('fk_dataset_upload_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dataset'))
    )
    with op.batch_alter_table('dataset', schema=None) as batch_op:
        batch_op.create_index('ix_dataset_project_id_id', ['project_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_dataset_sample_id'), ['sample_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_dataset_sha256'), ['sha256'], unique=False)
        batch_op.create_index('uq_dataset_project_id_sha256', ['project_id', 'sha256'], unique=True, sqlite_where=sa.text("state <> 'deleted'"), postgresql_where=sa.text("state <> 'deleted'"))

    op.create_table('job_event',
    sa.Column('job_id', sa.String(length=40), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('payload', Json, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_event_job_id')),
    sa.PrimaryKeyConstraint('job_id', 'seq', name=op.f('pk_job_event'))
    )
    op.create_table('result',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('job_id', sa.String(length=40), nullable=False),
    sa.Column('project_id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('store_key', sa.String(length=200), nullable=True),
    sa.Column('size_bytes', BigInt, nullable=False),
    sa.Column('outputs', Json, nullable=False),
    sa.Column('run_record', Json, nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_result_job_id')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_result_project_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_result_sample_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_result')),
    sa.UniqueConstraint('job_id', name=op.f('uq_result_job_id'))
    )
    with op.batch_alter_table('result', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_result_digest'), ['digest'], unique=False)
        batch_op.create_index('ix_result_project_id_id', ['project_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_result_sample_id'), ['sample_id'], unique=False)

    op.create_table('exposure',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('sample_id', sa.String(length=40), nullable=False),
    sa.Column('dataset_id', sa.String(length=40), nullable=True),
    sa.Column('instrument_id', sa.String(length=40), nullable=True),
    sa.Column('mode', sa.String(length=40), nullable=False),
    sa.Column('conditions', Json, nullable=False),
    sa.Column('geometry', Json, nullable=False),
    sa.Column('warnings', Json, nullable=False),
    sa.Column('clock_offset_s', sa.Float(), nullable=True),
    sa.Column('frames', sa.Integer(), nullable=False),
    sa.Column('recorded_scans', sa.Integer(), nullable=False),
    sa.Column('occurred_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.String(length=40), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('supersedes_id', sa.String(length=40), nullable=True),
    sa.Column('client_event_id', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_exposure_dataset_id')),
    sa.ForeignKeyConstraint(['instrument_id'], ['instrument.id'], name=op.f('fk_exposure_instrument_id')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_exposure_sample_id')),
    sa.ForeignKeyConstraint(['supersedes_id'], ['exposure.id'], name=op.f('fk_exposure_supersedes_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exposure')),
    sa.UniqueConstraint('recorded_by', 'client_event_id', name=op.f('uq_exposure_recorded_by_client_event_id')),
    sa.UniqueConstraint('supersedes_id', name=op.f('uq_exposure_supersedes_id'))
    )
    with op.batch_alter_table('exposure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exposure_dataset_id'), ['dataset_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exposure_sample_id'), ['sample_id'], unique=False)
    for statement in guards.statements(op.get_bind().dialect.name):
        op.execute(statement)
