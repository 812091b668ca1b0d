"""What people write beside samples, datasets and results."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Note(Base):
    """A note stays as it was written: who thinks otherwise writes another."""

    __tablename__ = "note"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(Id, index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
