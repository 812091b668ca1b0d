"""What people say the labels of a result are."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class LabelPhase(Base):
    """Results do not change: the latest row of a label counts, ``phase`` None takes the word back."""

    __tablename__ = "label_phase"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    result_id: Mapped[str] = mapped_column(ForeignKey("result.id"), index=True)
    output: Mapped[str] = mapped_column(String(80))
    label: Mapped[int]
    phase: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None] = mapped_column(Text)
    assigned_by: Mapped[str] = mapped_column(Id)
    assigned_at: Mapped[datetime]
