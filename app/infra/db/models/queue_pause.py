"""Queues from which nothing is taken for now."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class QueuePause(Base):
    """A pause of one queue: what runs goes on, what waits stays."""

    __tablename__ = "queue_pause"

    queue: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    paused_by: Mapped[str] = mapped_column(Id)
    paused_at: Mapped[datetime]
