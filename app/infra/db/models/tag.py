"""Words that samples, datasets and results are found by."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Tag(Base):
    """One word on one thing, as `clean_tag` writes it; ``kind`` is the prefix of the thing's identifier."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("target_id", "tag"),
        Index(None, "project_id", "tag", "target_id"),
        Index(None, "tag", "target_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(4))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    tag: Mapped[str] = mapped_column(String(40))
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
