"""Bytes at rest, known by their SHA-256."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt, Digest


class Blob(Base):
    """
    A stored object.

    ``damaged_at`` is set when a verification finds other bytes, ``deleted_at`` when the last dataset with these bytes
    was deleted, ``purged_at`` when the bytes themselves are gone.
    """

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(Digest, primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInt)
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    damaged_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]
