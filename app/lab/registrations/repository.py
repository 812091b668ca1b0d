"""Rows of files that are registered where they lie: uploads without a transfer."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from app.infra.db.models import PlacedFile, Upload
from app.infra.storage.groups import Member
from app.lab.registrations.finding import Found


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

    def open(
        self, project_id: str, sample_id: str | None, *, root: str, path: str, names: list[str] | None
    ) -> Upload | None:
        """Return the registration of a file, or of these files of a folder, that is not over yet."""
        query = select(Upload).where(Upload.state == "verifying", Upload.root == root, Upload.path == path)
        query = query.where(Upload.project_id == project_id, Upload.sample_id == sample_id)
        found = self._session.scalars(query.options(undefer(Upload.members)))
        return next((upload for upload in found if upload.members == names), None)

    def standing(self, project_id: str, sample_id: str | None, *, root: str, path: str, found: Found) -> Upload | None:
        """Return the registration by which files that were not written since became a dataset that reads them."""
        stamp = found.stamp
        here = (PlacedFile.project_id == project_id, PlacedFile.root == root, PlacedFile.path == path)
        same = (PlacedFile.size_bytes == stamp.size_bytes, PlacedFile.mtime_ns == stamp.mtime_ns)
        query = select(Upload, PlacedFile.members).join(PlacedFile, PlacedFile.dataset_id == Upload.dataset_id)
        query = query.where(*here, *same, PlacedFile.problem.is_(None), Upload.root == root, Upload.path == path)
        rows = self._session.execute(query.where(Upload.sample_id == sample_id).order_by(Upload.id.desc()))
        return next((upload for upload, members in rows if _stands(members, found)), None)

    def names(self, upload_id: str) -> list[str] | None:
        """Return the names of the files of a registration; None when it is of a single file."""
        return self._session.scalar(select(Upload.members).where(Upload.id == upload_id))

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


def _stands(members: list[Any] | None, found: Found) -> bool:
    """Say whether files that were hashed are those that were found, by names, sizes and times."""
    known = [Member(**each) for each in members or ()]
    return [(each.name, each.stamp) for each in known] == [(each.name, each.stamp) for each in found.members]
