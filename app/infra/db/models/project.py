"""Projects: the access boundary."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, BigInt, Id


class Project(Base):
    """A project with its storage quota."""

    __tablename__ = "project"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    quota_bytes: Mapped[int] = mapped_column(BigInt)
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
