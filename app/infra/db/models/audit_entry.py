"""Who did what: append-only and hash-chained."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt, Digest, Id


class AuditEntry(Base):
    """One act; ``hash`` covers this row and the hash before it."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_action_seq", "action", "seq"), Index("ix_audit_entry_at", "at"))

    seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[str] = mapped_column(Id, index=True)
    action: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(Id, index=True)
    project_id: Mapped[str | None] = mapped_column(Id)
    details: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(Digest)
    hash: Mapped[str] = mapped_column(Digest)
