"""Calibration lines of gas chromatographs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class GasCalibration(Base):
    """Injected standards and the line through them; ``record`` keeps points and fit."""

    __tablename__ = "gas_calibration"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(ForeignKey("instrument.id"), index=True)
    measured_at: Mapped[datetime]
    record: Mapped[dict[str, Any]]
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("gas_calibration.id"), unique=True)
    recorded_by: Mapped[str] = mapped_column(Id)
    received_at: Mapped[datetime]
