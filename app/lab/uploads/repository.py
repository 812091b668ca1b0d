"""Rows of uploads."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.infra.clock import db_epoch
from app.infra.db import quotas
from app.infra.db.models import Upload
from app.infra.db.queries import in_projects, page_before

OPEN = ("receiving", "verifying")


@dataclass(frozen=True)
class UploadFilter:
    """Which uploads a list holds; ``projects`` None means every project."""

    size_bytes: int | None = None
    state: str | None = None
    projects: frozenset[str] | None = None
    sender: str = ""
    instrument: str | None = None


class UploadRepository:
    """Queries of uploads."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, upload_id: str) -> Upload | None:
        """Return an upload."""
        return self._session.get(Upload, upload_id)

    def lock(self, upload_id: str) -> Upload | None:
        """Return an upload and keep others from changing it until the transaction ends."""
        return self._session.get(Upload, upload_id, with_for_update=True, populate_existing=True)

    def add(self, upload: Upload) -> None:
        """Insert an upload."""
        self._session.add(upload)
        self._session.flush()

    def of_sender(self, wanted: UploadFilter, before: str | None, limit: int) -> list[Upload]:
        """Return the uploads of an instrument, else of a sender, newest first."""
        query = in_projects(page_before(select(Upload), Upload, before, limit), Upload, wanted.projects)
        by_device = wanted.instrument is not None
        query = query.where(
            Upload.instrument_id == wanted.instrument if by_device else Upload.created_by == wanted.sender
        )
        query = query if wanted.size_bytes is None else query.where(Upload.size_bytes == wanted.size_bytes)
        return list(self._session.scalars(query if wanted.state is None else query.where(Upload.state == wanted.state)))

    def flush(self) -> None:
        """Write changed rows."""
        self._session.flush()

    def db_now(self) -> float:
        """Return the database's clock, the only one leases are compared with."""
        return self._session.execute(select(db_epoch())).scalar_one()

    def lock_quota(self, project_id: str) -> int | None:
        """Return a project's quota; reservations in it wait for each other. None when there is no such project."""
        return quotas.lock_quota(self._session, project_id)

    def counted_bytes(self, project_id: str) -> int:
        """Return what a project's quota counts."""
        return quotas.counted_bytes(self._session, project_id)

    def outstanding_bytes(self) -> int:
        """Return what all open uploads will still write to the disk."""
        query = select(func.coalesce(func.sum(Upload.size_bytes - Upload.offset_bytes), 0))
        return int(self._session.execute(query.where(Upload.state == "receiving")).scalar_one())

    def unfinished(self, created_by: str, instant: datetime) -> int:
        """Count the uploads a sender has begun and may still go on with."""
        query = select(func.count()).where(
            Upload.created_by == created_by, Upload.state == "receiving", Upload.expires_at > instant
        )
        return self._session.execute(query).scalar_one()

    def expired(self, instant: datetime) -> list[str]:
        """Return the uploads whose time is over."""
        query = select(Upload.id).where(Upload.state == "receiving", Upload.expires_at <= instant)
        return list(self._session.scalars(query))

    def verifying(self) -> list[str]:
        """Return the uploads that are complete and not yet published, oldest first."""
        query = select(Upload.id).where(Upload.state == "verifying", Upload.root.is_(None))
        return list(self._session.scalars(query.order_by(Upload.id)))

    def open_among(self, ids: list[str]) -> set[str]:
        """Return those of these uploads that still need their staging file."""
        query = select(Upload.id).where(Upload.id.in_(ids), Upload.state.in_(OPEN))
        return set(self._session.scalars(query))
