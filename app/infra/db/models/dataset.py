"""Bytes as received with what was read from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.infra.db.array_kinds import LONGEST, array_kinds, kinds_of_row
from app.infra.db.base import Base, BigInt, Id
from app.infra.db.models.placed_file import PlacedFile


class Dataset(Base):
    """
    A dataset; state is received, verified, readable, rejected or deleted.

    A project holds the same bytes once for each sample they are said to show, and once without any. One that is
    ``is_interim`` is a growing series as it was once, which lists leave out.
    """

    __tablename__ = "dataset"
    __table_args__ = (
        Index(
            "uq_dataset_project_id_sha256_sample_id",
            "project_id",
            "sha256",
            "sample_id",
            unique=True,
            sqlite_where=text("state <> 'deleted'"),
            postgresql_where=text("state <> 'deleted'"),
        ),
        Index(
            "uq_dataset_project_id_sha256_alone",
            "project_id",
            "sha256",
            unique=True,
            sqlite_where=text("state <> 'deleted' AND sample_id IS NULL"),
            postgresql_where=text("state <> 'deleted' AND sample_id IS NULL"),
        ),
        Index("ix_dataset_project_id_id", "project_id", "id"),
        Index("ix_dataset_array_kinds_id", "array_kinds", "id"),
        Index("ix_dataset_project_id_state_size_bytes", "project_id", "state", "size_bytes"),
        Index("ix_dataset_state_instrument_id", "state", "instrument_id"),
        Index("ix_dataset_state_id", "state", "id"),
        Index("ix_dataset_sample_id_id_created_at", "sample_id", "id", "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    sample_id: Mapped[str | None] = mapped_column(ForeignKey("sample.id"))
    instrument_id: Mapped[str | None] = mapped_column(ForeignKey("instrument.id"))
    upload_id: Mapped[str | None] = mapped_column(ForeignKey("upload.id"))
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInt)
    state: Mapped[str] = mapped_column(String(20))
    problem: Mapped[dict[str, Any] | None]
    format: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str | None] = mapped_column(String(40))
    arrays: Mapped[list[Any]]
    quantities: Mapped[dict[str, Any]]
    calibration: Mapped[dict[str, Any]]
    calibration_history: Mapped[list[Any]]
    original: Mapped[dict[str, Any]]
    attributes: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    acquired_at: Mapped[str | None] = mapped_column(String(40))
    store_key: Mapped[str | None] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    is_interim: Mapped[bool] = mapped_column(default=False, server_default=false())
    array_kinds: Mapped[str] = mapped_column(String(LONGEST), default=kinds_of_row("arrays"))
    place: Mapped[PlacedFile | None] = relationship(lazy="selectin", viewonly=True)

    @validates("arrays")
    def _name_arrays(self, _key: str, given: list[Any]) -> list[Any]:
        self.array_kinds = array_kinds(given)
        return given
