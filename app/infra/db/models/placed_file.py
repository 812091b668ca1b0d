"""Files of datasets that lie on the facility's own storage."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt


class PlacedFile(Base):
    """
    Where the bytes of a dataset lie, when that is not the store.

    ``mtime_ns`` and ``size_bytes`` are how the file stood when it was hashed; ``problem`` is ``missing`` or ``changed``
    when it was not found so at ``checked_at``. ``hashed_at`` is when all its bytes were last read. ``mtime_ns`` is -1
    once other bytes were found behind that size and time.

    Of a group ``path`` is the folder, ``files`` how many lie there, ``members`` each of them as it was hashed,
    ``size_bytes`` the length of the archive they are read as, ``mtime_ns`` the newest time, and ``problem_files`` says
    which of them the problem concerns. The members, of which there may be thousands, are read only when asked for.
    """

    __tablename__ = "placed_file"
    __table_args__ = (
        Index("ix_placed_file_checked_at", "checked_at"),
        Index("ix_placed_file_project_id_size_bytes", "project_id", "size_bytes"),
    )

    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    root: Mapped[str] = mapped_column(String(40))
    path: Mapped[str] = mapped_column(String(1024))
    size_bytes: Mapped[int] = mapped_column(BigInt)
    mtime_ns: Mapped[int] = mapped_column(BigInt)
    files: Mapped[int | None]
    members: Mapped[list[Any] | None] = mapped_column(deferred=True)
    problem: Mapped[str | None] = mapped_column(String(20))
    problem_files: Mapped[str | None] = mapped_column(String(400))
    hashed_at: Mapped[datetime]
    checked_at: Mapped[datetime]
