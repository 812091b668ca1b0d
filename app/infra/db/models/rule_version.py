"""What rules of automatic processing said, and say."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class RuleVersion(Base):
    """One version of a rule: appended, never changed; it acts for the person who made it."""

    __tablename__ = "rule_version"

    rule_id: Mapped[str] = mapped_column(ForeignKey("processing_rule.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    is_enabled: Mapped[bool]
    document: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(String(255))
    made_by: Mapped[str] = mapped_column(Id)
    made_at: Mapped[datetime]
