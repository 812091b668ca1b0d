"""Protocols a facility added to those of the papers."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class Protocol(Base):
    """One version of a protocol; versions are added, never edited."""

    __tablename__ = "protocol"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(Digest)
    retired_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
