"""Shelf-life clocks, as last computed from the history."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base


class SampleClock(Base):
    """A clock of a sample; its state at any moment follows from the columns, so a list by deadline needs no history."""

    __tablename__ = "sample_clock"
    __table_args__ = (
        Index("ix_sample_clock_due_at", "due_at", "sample_id", "clock", "overdue_at", "unknown_at"),
        Index(
            "ix_sample_clock_project_id_due_at",
            "project_id",
            "due_at",
            "sample_id",
            "clock",
            "overdue_at",
            "unknown_at",
        ),
    )

    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), primary_key=True)
    clock: Mapped[str] = mapped_column(String(60), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    verdict: Mapped[str | None] = mapped_column(String(20))
    started_at: Mapped[datetime | None]
    elapsed_s: Mapped[float | None] = mapped_column(Float)
    is_running: Mapped[bool]
    due_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    unknown_at: Mapped[datetime | None]
    record: Mapped[dict[str, Any]]
    computed_at: Mapped[datetime]
    tables_digest: Mapped[str] = mapped_column(String(64))
