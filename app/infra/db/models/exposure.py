"""Stays of a beam on a sample."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Exposure(Base):
    """One exposure; ``conditions`` holds quantities by name with unit, uncertainty and source."""

    __tablename__ = "exposure"
    __table_args__ = (UniqueConstraint("recorded_by", "client_event_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), index=True)
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("dataset.id"), index=True)
    instrument_id: Mapped[str | None] = mapped_column(ForeignKey("instrument.id"))
    mode: Mapped[str] = mapped_column(String(40))
    conditions: Mapped[dict[str, Any]]
    frames: Mapped[int]
    recorded_scans: Mapped[int]
    occurred_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(Id)
    note: Mapped[str | None] = mapped_column(Text)
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("exposure.id"), unique=True)
    client_event_id: Mapped[str | None] = mapped_column(String(64))
