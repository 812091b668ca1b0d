"""Parts of growing series."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class SeriesPart(Base):
    """One tilt or slice, an ordinary dataset; ``place`` is its angle [deg] or depth [nm], ``refusal`` why it is out."""

    __tablename__ = "series_part"
    __table_args__ = (UniqueConstraint("series_id", "number"), UniqueConstraint("series_id", "dataset_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    series_id: Mapped[str] = mapped_column(ForeignKey("series.id"))
    number: Mapped[int]
    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.id"), index=True)
    place: Mapped[float | None] = mapped_column(Float)
    refusal: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
