"""Codes that work once: the first administrator's link and device enrolment."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class OneTimeCode(Base):
    """A code whose digest alone is kept; ``purpose`` is first-administrator, invitation or device-enrolment."""

    __tablename__ = "one_time_code"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    code_digest: Mapped[str] = mapped_column(Digest, unique=True)
    payload: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(Id)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
