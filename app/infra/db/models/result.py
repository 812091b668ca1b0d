"""What a job gave: immutable, known by its content."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt, Digest, Id


class Result(Base):
    """The outputs of one job; ``run_record`` is the whole account of how they were made."""

    __tablename__ = "result"
    __table_args__ = (Index("ix_result_project_id_id", "project_id", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"), unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    sample_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"), index=True)
    digest: Mapped[str] = mapped_column(Digest, index=True)
    store_key: Mapped[str | None] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInt)
    outputs: Mapped[list[Any]]
    run_record: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
