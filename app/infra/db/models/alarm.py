"""What the facility should be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Alarm(Base):
    """One alarm; ``key`` is what it is about, so nothing is raised twice."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index(
            "ix_alarm_open",
            "id",
            "project_id",
            sqlite_where=text("acknowledged_at IS NULL"),
            postgresql_where=text("acknowledged_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    topic: Mapped[str] = mapped_column(String(40))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    sample_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"), index=True)
    record: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(Id)
