"""Datasets that became readable and that rules have not looked at yet."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base


class RuleCandidate(Base):
    """Written in the transaction that makes a dataset readable, removed in the one in which rules acted on it."""

    __tablename__ = "rule_candidate"

    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.id"), primary_key=True)
    since: Mapped[datetime]
