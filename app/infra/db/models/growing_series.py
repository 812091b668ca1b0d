"""Series that grow while they are recorded."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class GrowingSeries(Base):
    """
    A tilt series or slice stack whose parts arrive one by one; state is open, closing, sealed or failed.

    ``acts_for`` is who named the action, or made the version of the rule it was taken from: it is started with their
    rights as they are then.
    """

    __tablename__ = "series"
    __table_args__ = (
        Index("ix_series_project_id_id", "project_id", "id"),
        Index("ix_series_instrument_id_id", "instrument_id", "id"),
        Index("ix_series_region_id_state", "region_id", "state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), index=True)
    instrument_id: Mapped[str | None] = mapped_column(ForeignKey("instrument.id"))
    region_id: Mapped[str | None] = mapped_column(ForeignKey("region.id"))
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(20))
    every: Mapped[int]
    action: Mapped[dict[str, Any] | None]
    acts_for: Mapped[str | None] = mapped_column(Id)
    rule_id: Mapped[str | None] = mapped_column(Id)
    rule_version: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20))
    expected: Mapped[int | None]
    problem: Mapped[dict[str, Any] | None]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
