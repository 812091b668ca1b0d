"""What a project's quota counts, in one place for whoever shows it and whoever refuses by it."""

from typing import Any

from sqlalchemy import ScalarSelect, and_, func, select, text, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.infra.db.models import Dataset, Job, PlacedFile, Project, Upload
from app.infra.db.models.job import RESERVES
from lithoscope.wording import size

OPEN_UPLOADS = ("receiving", "verifying")
_HELD = Dataset.state != "deleted"
_ARRIVES = and_(Upload.state.in_(OPEN_UPLOADS), Upload.root.is_(None))


def raw_bytes(session: Session, project_id: str | None = None) -> dict[str, int]:
    """Return what the datasets of each project (or of one) hold in the store; files elsewhere take no room of it."""
    found = sums(session, Dataset.size_bytes, _HELD, project_id)
    for each, elsewhere in sums(session, PlacedFile.size_bytes, true(), project_id).items():
        found[each] = found.get(each, 0) - elsewhere
    return found


def arriving_bytes(session: Session, project_id: str | None = None) -> dict[str, int]:
    """Return what the open uploads of each project (or of one) will take, and what its stacks under way may take."""
    found = sums(session, Upload.size_bytes, _ARRIVES, project_id)
    for each, reserved in sums(session, Job.reserved_bytes, text(RESERVES), project_id).items():
        found[each] = found.get(each, 0) + reserved
    return found


def counted_bytes(session: Session, project_id: str) -> int:
    """
    Return what a project's quota counts: what it holds and what is on its way to it.

    One statement sees one state: an upload or a stack that becomes a dataset meanwhile is counted as one of the two.
    """

    def of(column: InstrumentedAttribute[int], condition: Any) -> ScalarSelect[Any]:
        query = select(func.coalesce(func.sum(column), 0)).where(column.class_.project_id == project_id, condition)
        return query.scalar_subquery()

    held = of(Dataset.size_bytes, _HELD) - of(PlacedFile.size_bytes, true())
    arriving = of(Upload.size_bytes, _ARRIVES) + of(Job.reserved_bytes, text(RESERVES))
    return int(session.execute(select(held + arriving)).scalar_one())


def lock_quota(session: Session, project_id: str) -> int | None:
    """Return a project's quota; who else asks for some of it waits until this transaction ends. None: no project."""
    return session.scalar(select(Project.quota_bytes).where(Project.id == project_id).with_for_update())


def room_in(session: Session, project_id: str) -> int:
    """Return the bytes left of a project's quota; below zero when it was lowered since."""
    quota = session.scalar(select(Project.quota_bytes).where(Project.id == project_id))
    return (quota or 0) - counted_bytes(session, project_id)


def lacking(what: str, needed_bytes: int, left_bytes: int) -> str:
    """Say what has no room, by how much, and what to do: ``what`` is "The file takes", for one."""
    return (
        f"{what} {size(needed_bytes)}, {size(needed_bytes - left_bytes)} more than is left of the project's quota. "
        "Delete what is not needed, or ask the facility manager for more."
    )


def sums(
    session: Session, column: InstrumentedAttribute[int], condition: Any, project_id: str | None = None
) -> dict[str, int]:
    """Add the sizes of rows up by project; a project without any is left out."""
    project = column.class_.project_id
    query = select(project, func.sum(column)).where(condition).group_by(project)
    if project_id is not None:
        query = query.where(project == project_id)
    return {each: int(total or 0) for each, total in session.execute(query)}
