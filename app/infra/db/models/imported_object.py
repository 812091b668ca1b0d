"""Where things came from that were taken in with a crate."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class ImportedObject(Base):
    """A thing and what it is called where it comes from; ``record`` says who recorded it there, with what."""

    __tablename__ = "imported_object"

    object_id: Mapped[str] = mapped_column(Id, primary_key=True)
    origin_id: Mapped[str] = mapped_column(Id, index=True)
    import_id: Mapped[str] = mapped_column(ForeignKey("crate_import.id"), index=True)
    record: Mapped[dict[str, Any]]
