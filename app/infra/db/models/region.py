"""Named areas of samples."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class Region(Base):
    """A polygon in the sample's own coordinates [um]; ``phases`` it is watched for, in the words of the limit table."""

    __tablename__ = "region"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sample_id: Mapped[str] = mapped_column(ForeignKey("sample.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    polygon_um: Mapped[list[Any]]
    phases: Mapped[list[Any]]
    note: Mapped[str | None] = mapped_column(Text)
    retired_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
