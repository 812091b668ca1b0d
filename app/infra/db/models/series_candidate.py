"""Growing series that changed and that nobody has looked at yet."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base


class SeriesCandidate(Base):
    """Written in the transaction that changes a part or ends a job of a series, removed in the one that acted on it."""

    __tablename__ = "series_candidate"

    series_id: Mapped[str] = mapped_column(ForeignKey("series.id"), primary_key=True)
    since: Mapped[datetime]
