"""What a project's quota counts, in one place for whoever shows it and whoever refuses by it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from app.infra.db.models import Dataset, PlacedFile, Upload

OPEN_UPLOADS = ("receiving", "verifying")


def raw_bytes(session: Session, project_id: str | None = None) -> dict[str, int]:
    """Return what the datasets of each project (or of one) hold in the store; files elsewhere take no room of it."""
    found = sums(session, Dataset, Dataset.state != "deleted", project_id)
    for each, elsewhere in sums(session, PlacedFile, true(), project_id).items():
        found[each] = found.get(each, 0) - elsewhere
    return found


def arriving_bytes(session: Session, project_id: str | None = None) -> dict[str, int]:
    """Return what the open uploads of each project (or of one) will take."""
    return sums(session, Upload, and_(Upload.state.in_(OPEN_UPLOADS), Upload.root.is_(None)), project_id)


def counted_bytes(session: Session, project_id: str) -> int:
    """Return what a project's quota counts: what it holds and what is on its way to it."""
    found = (raw_bytes(session, project_id), arriving_bytes(session, project_id))
    return sum(each.get(project_id, 0) for each in found)


def sums(session: Session, table: Any, condition: ColumnElement[bool], project_id: str | None = None) -> dict[str, int]:
    """Add the sizes of rows up by project; a project without any is left out."""
    query = select(table.project_id, func.sum(table.size_bytes)).where(condition).group_by(table.project_id)
    if project_id is not None:
        query = query.where(table.project_id == project_id)
    return {each: int(total or 0) for each, total in session.execute(query)}
