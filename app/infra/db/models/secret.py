"""Secrets the service made for itself."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base


class Secret(Base):
    """A random secret made at first start: cursor signing, key hashing."""

    __tablename__ = "secret"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(String(128))
