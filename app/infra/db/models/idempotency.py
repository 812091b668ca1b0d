"""Answers kept so that a repeated request does nothing twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class IdempotencyRecord(Base):
    """First answer to an Idempotency-Key of one actor; status is null while that request runs."""

    __tablename__ = "idempotency"

    actor_id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_digest: Mapped[str] = mapped_column(Digest)
    running_until: Mapped[float | None] = mapped_column(Float)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)
