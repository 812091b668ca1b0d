"""Microscopes, beamlines and their PCs."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Instrument(Base):
    """An instrument; heartbeat and clock offset are measured from its PC's reports, the last of which is kept."""

    __tablename__ = "instrument"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    technique: Mapped[str] = mapped_column(String(40))
    vendor: Mapped[str | None] = mapped_column(String(200))
    model: Mapped[str | None] = mapped_column(String(200))
    location: Mapped[str | None] = mapped_column(String(200))
    last_heartbeat_at: Mapped[datetime | None]
    clock_offset_s: Mapped[float | None] = mapped_column(Float)
    collector: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
