"""What was stacked of growing series, and what was made of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class SeriesAssembly(Base):
    """
    What was stacked once of a series, told apart by ``fingerprint``: the same parts are stacked once.

    Which parts these were, its job says: a list beside it would grow with the square of the series.

    ``outcome`` says what became of the series' action on it: started, refused, superseded or none; empty while that
    is not decided. ``start`` is the volume it went on from.
    """

    __tablename__ = "series_assembly"
    __table_args__ = (
        UniqueConstraint("series_id", "fingerprint"),
        Index("ix_series_assembly_series_id_id", "series_id", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    series_id: Mapped[str] = mapped_column(ForeignKey("series.id"))
    fingerprint: Mapped[str] = mapped_column(Digest)
    part_count: Mapped[int]
    left_out: Mapped[list[Any]]
    is_final: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"), index=True)
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("dataset.id"), index=True)
    action: Mapped[dict[str, Any] | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    start: Mapped[str | None] = mapped_column(String(200))
    refresh_job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"), index=True)
    refresh_run_id: Mapped[str | None] = mapped_column(ForeignKey("recipe_run.id"), index=True)
    created_at: Mapped[datetime]
    acted_at: Mapped[datetime | None]
