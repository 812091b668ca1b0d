"""Addresses that want to hear of alarms."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Webhook(Base):
    """``secret`` signs what is sent; it is shown once."""

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"), index=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(128))
    topics: Mapped[list[Any]]
    retired_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
