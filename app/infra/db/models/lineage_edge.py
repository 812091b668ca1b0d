"""What was made from what."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class LineageEdge(Base):
    """An arrow from an object to what it came from; relations follow W3C PROV."""

    __tablename__ = "lineage_edge"

    source_id: Mapped[str] = mapped_column(Id, primary_key=True)
    target_id: Mapped[str] = mapped_column(Id, primary_key=True, index=True)
    relation: Mapped[str] = mapped_column(String(40), primary_key=True)
    created_at: Mapped[datetime]
