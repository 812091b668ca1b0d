"""Growing series that changed and that nobody has looked at yet."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt


class SeriesCandidate(Base):
    """
    Written in the transaction that changes a part or ends a job of a series, removed in the one that acted on it.

    Rows are only inserted, and refer to nothing: who writes one never waits for who looks at the series.
    """

    __tablename__ = "series_candidate"

    id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=True)
    series_id: Mapped[str] = mapped_column(String(40), index=True)
    since: Mapped[datetime]
