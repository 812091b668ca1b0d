"""Keys of programs and of instrument PCs."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class AccessKey(Base):
    """``lsk_<id>_<secret>``; kind ``token`` belongs to a person, kind ``device`` to an instrument."""

    __tablename__ = "access_key"
    __table_args__ = (CheckConstraint("(user_id is null) <> (instrument_id is null)", name="one_owner"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    secret_digest: Mapped[str] = mapped_column(Digest)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    instrument_id: Mapped[str | None] = mapped_column(ForeignKey("instrument.id"), index=True)
    scopes: Mapped[list[Any]]
    project_ids: Mapped[list[Any] | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
