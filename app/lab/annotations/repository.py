"""Rows of notes and tags."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.infra.db.models import Dataset, Job, Note, Result, Sample, Tag, User
from app.infra.db.queries import in_projects, page_before

AT_ONCE = 500
_NAMES: dict[str, Any] = {
    "smp": select(Sample.id, Sample.name),
    "ds": select(Dataset.id, Dataset.filename).where(Dataset.state != "deleted"),
    "res": select(Result.id, Job.method).join(Job, Job.id == Result.job_id).where(Result.state != "deleted"),
}
_KEYS: dict[str, Any] = {"smp": Sample.id, "ds": Dataset.id, "res": Result.id}


class AnnotationRepository:
    """Queries of notes and tags."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: Note | Tag) -> None:
        """Insert a note or a tag."""
        self._session.add(row)
        self._session.flush()

    def remove(self, row: Tag) -> None:
        """Take a tag off."""
        self._session.delete(row)
        self._session.flush()

    def notes(self, target_id: str, before: str | None, limit: int) -> list[tuple[Note, str | None]]:
        """Return the notes on a thing with their authors' names, newest first."""
        query = select(Note, User.display_name).outerjoin(User, User.id == Note.created_by)
        query = query.where(Note.target_id == target_id)
        if before is not None:
            query = query.where(Note.id < before)
        rows = self._session.execute(query.order_by(Note.id.desc()).limit(limit))
        return [(note, name) for note, name in rows]

    def tags(self, target_id: str) -> list[tuple[Tag, str | None]]:
        """Return the tags of a thing with the names of who gave them, in order of the alphabet."""
        query = select(Tag, User.display_name).outerjoin(User, User.id == Tag.created_by)
        found = self._session.execute(query.where(Tag.target_id == target_id).order_by(Tag.tag))
        return [(tag, name) for tag, name in found]

    def tag(self, target_id: str, tag: str) -> Tag | None:
        """Return one tag of a thing."""
        return self._session.scalar(select(Tag).where(Tag.target_id == target_id, Tag.tag == tag))

    def tags_of(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the tags of many things, those without any left out."""
        found: dict[str, list[str]] = {}
        for start in range(0, len(ids), AT_ONCE):
            some = select(Tag.target_id, Tag.tag).where(Tag.target_id.in_(ids[start : start + AT_ONCE]))
            for target_id, tag in self._session.execute(some.order_by(Tag.tag)):
                found.setdefault(target_id, []).append(tag)
        return found

    def counts(self, projects: frozenset[str] | None, kind: str | None, limit: int) -> list[tuple[str, int]]:
        """Return tags with the number of things that carry them, the most used first."""
        things = func.count(Tag.target_id)
        query = select(Tag.tag, things)
        if projects is not None:
            query = query.where(Tag.project_id.in_(sorted(projects)))
        if kind is not None:
            query = query.where(Tag.kind == kind)
        rows = self._session.execute(query.group_by(Tag.tag).order_by(things.desc(), Tag.tag).limit(limit))
        return [(tag, count) for tag, count in rows]

    def tagged(
        self, projects: frozenset[str] | None, tag: str | None, *, kind: str | None, before: str | None, limit: int
    ) -> list[Tag]:
        """Return what carries a tag (any when None), what was tagged last first."""
        query = in_projects(select(Tag), Tag, projects)
        if tag is not None:
            query = query.where(Tag.tag == tag)
        if kind is not None:
            query = query.where(Tag.kind == kind)
        return list(self._session.scalars(page_before(query, Tag, before, limit)))

    def names(self, ids: Collection[str]) -> dict[str, str]:
        """Name things; what was deleted is left out."""
        found: dict[str, str] = {}
        for prefix, query in _NAMES.items():
            wanted = [each for each in ids if each.startswith(f"{prefix}_")]
            if wanted:
                rows = self._session.execute(query.where(_KEYS[prefix].in_(wanted)))
                found |= {row[0]: row[1] for row in rows}
        return found
