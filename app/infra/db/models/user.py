"""People with a local password or an identity of the facility's OIDC provider."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class User(Base):
    """A person; ``facility_role`` is member, manager, auditor or admin."""

    __tablename__ = "user_account"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    display_name: Mapped[str] = mapped_column(String(200))
    facility_role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str | None] = mapped_column(String(300))
    oidc_subject: Mapped[str | None] = mapped_column(String(500), unique=True)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def signs_in_by(self) -> str:
        """Say how the person proves who they are; ``nothing`` until they take up a link."""
        if self.oidc_subject is not None:
            return "issuer"
        return "nothing" if self.password_hash is None else "password"
