"""What happened to samples: appended and superseded, never edited."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class CustodyEvent(Base):
    """
    One typed event; ``payload`` follows the schema of its type.

    ``occurred_at`` is what the sender's clock said, ``happened_at`` the same moment by the service's clock: whatever is
    derived uses that one.
    """

    __tablename__ = "custody_event"
    __table_args__ = (
        UniqueConstraint("recorded_by", "client_event_id"),
        Index("ix_custody_event_sample_id_happened_at", "sample_id", "happened_at"),
        Index("ix_custody_event_type_sample_id", "type", "sample_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"))
    type: Mapped[str] = mapped_column(String(40))
    occurred_at: Mapped[datetime]
    happened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    clock_offset_s: Mapped[float | None] = mapped_column(Float)
    recorded_by: Mapped[str] = mapped_column(Id)
    operator: Mapped[str | None] = mapped_column(String(200))
    place: Mapped[str | None] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]]
    evidence: Mapped[list[Any]]
    warnings: Mapped[list[Any]]
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("custody_event.id"), unique=True)
    client_event_id: Mapped[str | None] = mapped_column(String(64))
