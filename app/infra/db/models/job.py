"""Jobs: the row is the truth, every message about it is a hint."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt, Digest, Id

#: Rows that hold some of their project's quota, in these very words: so it is that their index serves.
RESERVES = "reserved_bytes > 0 AND state IN ('queued', 'running', 'cancelling')"


class Job(Base):
    """
    One run of a method; lease columns are compared with the database's clock only.

    ``reserved_bytes`` are what its output may take of the project's quota. They count while the job has not ended, and
    the row that ends it lets them go: there is no other number to keep in step.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_queue_id", "state", "queue", "id"),
        Index("ix_job_project_id_id", "project_id", "id"),
        Index("ix_job_method_id", "method", "id"),
        Index("ix_job_state_id_project_id", "state", "id", "project_id"),
        Index("ix_job_project_id_fingerprint", "project_id", "fingerprint"),
        Index("ix_job_created_by_state", "created_by", "state"),
        Index("ix_job_created_by_started_at", "created_by", "started_at"),
        Index("ix_job_state_finished_at_queue", "state", "finished_at", "queue"),
        Index("ix_job_rule_id_state", "rule_id", "state"),
        Index("ix_job_sample_id_id_created_at", "sample_id", "id", "created_at"),
        Index(
            "ix_job_project_id_reserved_bytes",
            "project_id",
            "reserved_bytes",
            sqlite_where=text(RESERVES),
            postgresql_where=text(RESERVES),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    sample_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"))
    kind: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(60))
    method_version: Mapped[str] = mapped_column(String(20))
    queue: Mapped[str] = mapped_column(String(20))
    inputs: Mapped[dict[str, Any]]
    params: Mapped[dict[str, Any]]
    seed: Mapped[int] = mapped_column(BigInt)
    fingerprint: Mapped[str | None] = mapped_column(Digest)
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20))
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    early_finish_requested: Mapped[bool] = mapped_column(default=False)
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[float | None] = mapped_column(Float)
    worker: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    lost_leases: Mapped[int] = mapped_column(default=0)
    publications: Mapped[int] = mapped_column(default=0)
    last_event_seq: Mapped[int] = mapped_column(default=0)
    reserved_bytes: Mapped[int] = mapped_column(BigInt, default=0, server_default=text("0"))
    progress: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]
    result_id: Mapped[str | None] = mapped_column(Id)
    retry_of: Mapped[str | None] = mapped_column(ForeignKey("job.id"), index=True)
    rule_id: Mapped[str | None] = mapped_column(Id)
    started_by: Mapped[dict[str, Any] | None]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
