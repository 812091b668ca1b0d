"""What rules of automatic processing did, and did not do."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class RuleFiring(Base):
    """One dataset that a version of a rule matched, once ever; ``outcome`` is started, skipped, refused or failed."""

    __tablename__ = "rule_firing"
    __table_args__ = (
        UniqueConstraint("rule_id", "rule_version", "dataset_id"),
        Index("ix_rule_firing_rule_id_id", "rule_id", "id"),
        Index("ix_rule_firing_rule_id_outcome_at", "rule_id", "outcome", "at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule_id: Mapped[str] = mapped_column(ForeignKey("processing_rule.id"))
    rule_version: Mapped[int]
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    matched: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("job.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("recipe_run.id"))
    at: Mapped[datetime]
