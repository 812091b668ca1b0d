"""What valve and blanker logs, or an operator, say about when the beam was on."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class BeamRecord(Base):
    """Covers an interval; ``intervals`` are the times the beam was on, ``covers`` what beam it answers for."""

    __tablename__ = "beam_record"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), index=True)
    instrument_id: Mapped[str | None] = mapped_column(ForeignKey("instrument.id"))
    kind: Mapped[str] = mapped_column(String(20))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    intervals: Mapped[list[Any]]
    covers: Mapped[list[Any]]
    note: Mapped[str | None] = mapped_column(Text)
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("beam_record.id"), unique=True)
    recorded_by: Mapped[str] = mapped_column(Id)
    received_at: Mapped[datetime]
