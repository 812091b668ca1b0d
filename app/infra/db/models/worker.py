"""Processes that run jobs, as they report themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base


class Worker(Base):
    """A worker process; ``seen_at`` is by the database's clock [s since 1970], as leases are."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    queues: Mapped[list[Any]]
    slots: Mapped[int]
    software: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    seen_at: Mapped[float] = mapped_column(Float)
