"""Rules of automatic processing."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class ProcessingRule(Base):
    """A rule of a project; what it says stands in its versions, of which ``version`` is the latest."""

    __tablename__ = "processing_rule"
    __table_args__ = (
        Index("ix_processing_rule_project_id_id", "project_id", "id"),
        Index("ix_processing_rule_project_id_is_enabled", "project_id", "is_enabled"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    is_enabled: Mapped[bool]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
