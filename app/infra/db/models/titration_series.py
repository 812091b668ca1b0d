"""Losses of metallic lithium on storage, as the facility titrated them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class TitrationSeries(Base):
    """Replicates at several storage times of one material and electrolyte, with the fits that clocks use."""

    __tablename__ = "titration_series"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    material: Mapped[str] = mapped_column(String(40))
    electrolyte: Mapped[str | None] = mapped_column(String(300))
    record: Mapped[dict[str, Any]]
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("titration_series.id"), unique=True)
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
