"""Runs of recipes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt, Id


class RecipeRun(Base):
    """One run of a recipe: what was asked; how it stands follows from its steps' jobs and is written when one ends."""

    __tablename__ = "recipe_run"
    __table_args__ = (
        Index("ix_recipe_run_project_id_id", "project_id", "id"),
        Index("ix_recipe_run_finished_at", "finished_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    sample_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"), index=True)
    recipe: Mapped[str] = mapped_column(String(60))
    recipe_version: Mapped[str] = mapped_column(String(20))
    preset: Mapped[str | None] = mapped_column(String(60))
    inputs: Mapped[dict[str, Any]]
    params: Mapped[dict[str, Any]]
    outputs: Mapped[list[Any]]
    seed: Mapped[int] = mapped_column(BigInt)
    state: Mapped[str] = mapped_column(String(20))
    problem: Mapped[dict[str, Any] | None]
    restarts: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[dict[str, Any] | None]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
