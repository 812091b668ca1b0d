"""Reports that were published."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class Publication(Base):
    """A report as it stood; ``digest`` is of the canonical JSON of ``report``."""

    __tablename__ = "publication"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(Id, index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    report: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(Digest)
    published_by: Mapped[str] = mapped_column(Id)
    published_at: Mapped[datetime]
