"""Crates that were taken in, and what came in each."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class CrateImport(Base):
    """One import; ``record`` holds the people, instruments and project that the crate names, and what was said."""

    __tablename__ = "crate_import"
    __table_args__ = (Index("ix_crate_import_project_id_id", "project_id", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.id"), index=True)
    sha256: Mapped[str] = mapped_column(Digest)
    target_id: Mapped[str | None] = mapped_column(Id)
    title: Mapped[str] = mapped_column(String(700))
    origin: Mapped[str | None] = mapped_column(String(500))
    counts: Mapped[dict[str, Any]]
    record: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
