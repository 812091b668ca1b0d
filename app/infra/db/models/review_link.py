"""Links by which people without an account read one thing."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Digest, Id


class ReviewLink(Base):
    """Only a digest of the link's text is kept; ``looks`` counts pages that were opened by it."""

    __tablename__ = "review_link"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(Id, index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    token_digest: Mapped[str] = mapped_column(Digest, unique=True)
    purpose: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(Id)
    looks: Mapped[int] = mapped_column(default=0)
    last_look_at: Mapped[datetime | None]
