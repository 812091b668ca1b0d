"""Bytes on their way in: the committed offset is the row's, not the file's."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt, Digest, Id


class Upload(Base):
    """
    One transfer; state is receiving, verifying, verified, failed, terminated or expired.

    A file that is registered where it lies has a ``root`` and a ``path`` below it: it begins as verifying, its offset
    is how much of it was hashed, and nothing of it is copied. Of a group ``path`` is the folder and ``members`` are the
    names of its files, read only when asked for.
    """

    __tablename__ = "upload"
    __table_args__ = (
        Index("ix_upload_state_expires_at", "state", "expires_at"),
        Index("ix_upload_instrument_id_size_bytes", "instrument_id", "size_bytes"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    sample_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"))
    instrument_id: Mapped[str | None] = mapped_column(ForeignKey("instrument.id"))
    created_by: Mapped[str] = mapped_column(Id, index=True)
    filename: Mapped[str] = mapped_column(String(255))
    attributes: Mapped[dict[str, Any]]
    size_bytes: Mapped[int] = mapped_column(BigInt)
    offset_bytes: Mapped[int] = mapped_column(BigInt, default=0)
    declared_sha256: Mapped[str | None] = mapped_column(Digest)
    sha256: Mapped[str | None] = mapped_column(Digest)
    state: Mapped[str] = mapped_column(String(20))
    problem: Mapped[dict[str, Any] | None]
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[float | None] = mapped_column(Float)
    dataset_id: Mapped[str | None] = mapped_column(Id)
    root: Mapped[str | None] = mapped_column(String(40))
    path: Mapped[str | None] = mapped_column(String(1024))
    members: Mapped[list[Any] | None] = mapped_column(deferred=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
