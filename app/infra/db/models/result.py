"""What a job gave: immutable, known by its content."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from app.infra.db.array_kinds import LONGEST, array_kinds, kinds_of_row
from app.infra.db.base import Base, BigInt, Digest, Id


class Result(Base):
    """The outputs of one job; ``run_record`` is the whole account of how they were made."""

    __tablename__ = "result"
    __table_args__ = (
        Index("ix_result_project_id_id", "project_id", "id"),
        Index("ix_result_array_kinds_id", "array_kinds", "id"),
        Index("ix_result_project_id_state_size_bytes", "project_id", "state", "size_bytes"),
        Index("ix_result_sample_id_id_created_at", "sample_id", "id", "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"), unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    sample_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"))
    digest: Mapped[str] = mapped_column(Digest, index=True)
    store_key: Mapped[str | None] = mapped_column(String(200))
    size_bytes: Mapped[int] = mapped_column(BigInt)
    outputs: Mapped[list[Any]]
    run_record: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    array_kinds: Mapped[str] = mapped_column(String(LONGEST), default=kinds_of_row("outputs"))

    @validates("outputs")
    def _name_arrays(self, _key: str, given: list[Any]) -> list[Any]:
        self.array_kinds = array_kinds(given)
        return given
