"""Steps of recipes' runs."""

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base


class RecipeStep(Base):
    """A step as its recipe declared it when the run began; once it has a job, the job is the truth about it."""

    __tablename__ = "recipe_step"

    run_id: Mapped[str] = mapped_column(ForeignKey("recipe_run.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    method: Mapped[str] = mapped_column(String(60))
    inputs: Mapped[dict[str, Any]]
    params: Mapped[dict[str, Any]]
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"), index=True)
    is_reused: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[dict[str, Any] | None]
