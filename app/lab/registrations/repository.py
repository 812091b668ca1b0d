"""Rows of files that are registered where they lie: uploads without a transfer."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.infra.db.models import PlacedFile, Upload
from app.infra.storage.places import Stamp


class RegistrationRepository:
    """Queries of registrations."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, upload: Upload) -> None:
        """Insert a registration."""
        self._session.add(upload)
        self._session.flush()

    def lock(self, upload_id: str) -> Upload | None:
        """Return a registration and keep others from changing it until the transaction ends."""
        return self._session.get(Upload, upload_id, with_for_update=True, populate_existing=True)

    def open(self, project_id: str, sample_id: str | None, *, root: str, path: str) -> Upload | None:
        """Return the registration of a file that is not over yet."""
        query = select(Upload).where(Upload.state == "verifying", Upload.root == root, Upload.path == path)
        return self._session.scalar(query.where(Upload.project_id == project_id, Upload.sample_id == sample_id))

    def standing(self, project_id: str, sample_id: str | None, *, root: str, path: str, stamp: Stamp) -> Upload | None:
        """Return the registration by which a file that was not written since became a dataset that reads it."""
        here = (PlacedFile.project_id == project_id, PlacedFile.root == root, PlacedFile.path == path)
        same = (PlacedFile.size_bytes == stamp.size_bytes, PlacedFile.mtime_ns == stamp.mtime_ns)
        query = select(Upload).join(PlacedFile, PlacedFile.dataset_id == Upload.dataset_id).where(*here, *same)
        query = query.where(PlacedFile.problem.is_(None), Upload.root == root, Upload.path == path)
        return self._session.scalar(query.where(Upload.sample_id == sample_id).order_by(Upload.id.desc()).limit(1))

    def unfinished(self, created_by: str) -> int:
        """Count the files a sender has registered and that are not hashed yet."""
        query = select(func.count()).where(
            Upload.created_by == created_by, Upload.state == "verifying", Upload.root.is_not(None)
        )
        return self._session.execute(query).scalar_one()

    def waiting(self, limit: int) -> list[str]:
        """Return the registrations that wait to be hashed, or are, oldest first."""
        query = select(Upload.id).where(Upload.state == "verifying", Upload.root.is_not(None))
        return list(self._session.scalars(query.order_by(Upload.id).limit(limit)))
