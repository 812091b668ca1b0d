"""What stands where something was deleted."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Tombstone(Base):
    """Who deleted what, when, why, and what it had been."""

    __tablename__ = "tombstone"

    object_id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    project_id: Mapped[str] = mapped_column(Id, index=True)
    reason: Mapped[str] = mapped_column(String(300))
    record: Mapped[dict[str, Any]]
    deleted_by: Mapped[str] = mapped_column(Id)
    deleted_at: Mapped[datetime]
