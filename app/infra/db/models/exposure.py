"""Stays of a beam on a sample."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Exposure(Base):
    """
    One exposure; ``conditions`` holds quantities by name, ``geometry`` plain counts such as frame pixels.

    It lay on a region, or on a polygon ``field_um`` in the sample's coordinates; neither is: nobody said where.
    ``happened_at`` is ``occurred_at`` by the service's clock.
    """

    __tablename__ = "exposure"
    __table_args__ = (UniqueConstraint("recorded_by", "client_event_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), index=True)
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("dataset.id"), index=True)
    instrument_id: Mapped[str | None] = mapped_column(ForeignKey("instrument.id"))
    mode: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str | None] = mapped_column(String(20))
    region_id: Mapped[str | None] = mapped_column(ForeignKey("region.id"), index=True)
    field_um: Mapped[list[Any] | None]
    is_running: Mapped[bool] = mapped_column(default=False, server_default=false())
    conditions: Mapped[dict[str, Any]]
    geometry: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    clock_offset_s: Mapped[float | None] = mapped_column(Float)
    frames: Mapped[int]
    recorded_scans: Mapped[int]
    occurred_at: Mapped[datetime]
    happened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(Id)
    note: Mapped[str | None] = mapped_column(Text)
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("exposure.id"), unique=True)
    client_event_id: Mapped[str | None] = mapped_column(String(64))
