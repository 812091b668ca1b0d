"""Critical doses a facility measured itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class DoseLimit(Base):
    """A row beside those of the literature; ``record`` has the fields of lithoscope.rules.critical_dose."""

    __tablename__ = "dose_limit"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    phase: Mapped[str] = mapped_column(String(80), index=True)
    record: Mapped[dict[str, Any]]
    retired_at: Mapped[datetime | None]
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("dose_limit.id"), unique=True)
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
