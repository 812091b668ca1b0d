"""What a screen or Faraday cup measured at a set beam current."""

from datetime import datetime

from sqlalchemy import Float, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class BeamCalibration(Base):
    """Holds from ``measured_at`` until the next one of the same instrument, kind of reading and beam energy."""

    __tablename__ = "beam_calibration"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(ForeignKey("instrument.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    beam_energy_kV: Mapped[float] = mapped_column(Float)
    set_current_nA: Mapped[float] = mapped_column(Float)
    measured_current_nA: Mapped[float] = mapped_column(Float)
    uncertainty_nA: Mapped[float | None] = mapped_column(Float)
    measured_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(Text)
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("beam_calibration.id"), unique=True)
    recorded_by: Mapped[str] = mapped_column(Id)
    received_at: Mapped[datetime]
