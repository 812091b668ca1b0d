"""How long things are kept."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class RetentionRule(Base):
    """Objects of a kind are deleted this many days after they were made."""

    __tablename__ = "retention_rule"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    keep_days: Mapped[int]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
