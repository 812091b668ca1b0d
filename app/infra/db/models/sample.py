"""Physical things: cells, electrodes, powders, lamellae, tips."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Sample(Base):
    """A sample; ``code`` is the human name on the label, unique in the facility and never reused."""

    __tablename__ = "sample"
    __table_args__ = (
        Index("ix_sample_project_id_id", "project_id", "id"),
        Index("ix_sample_project_id_material_kind", "project_id", "material", "kind"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"), index=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    material: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str | None] = mapped_column(String(20))
    electrolyte: Mapped[str | None] = mapped_column(String(300))
    cell_history: Mapped[str | None] = mapped_column(Text)
    prepared_at: Mapped[datetime | None]
    capacity_mAh_per_cm2: Mapped[float | None] = mapped_column(Float)
    split_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
