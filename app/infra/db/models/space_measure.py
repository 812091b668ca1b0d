"""How many bytes of each kind were found when they were last counted."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt


class SpaceMeasure(Base):
    """Bytes and files of one kind: raw, arrays, display or temporary."""

    __tablename__ = "space_measure"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInt)
    files: Mapped[int] = mapped_column(BigInt)
    measured_at: Mapped[datetime]
