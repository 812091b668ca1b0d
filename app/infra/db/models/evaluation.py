"""Verdicts of protocols over samples, datasets and results."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class Evaluation(Base):
    """A verdict with the version of the protocol that gave it; never computed again."""

    __tablename__ = "evaluation"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(Id, index=True)
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    protocol_id: Mapped[str] = mapped_column(String(80))
    protocol_number: Mapped[int]
    protocol_digest: Mapped[str] = mapped_column(Digest)
    verdict: Mapped[str] = mapped_column(String(20))
    record: Mapped[dict[str, Any]]
    evaluated_by: Mapped[str] = mapped_column(Id)
    evaluated_at: Mapped[datetime]
