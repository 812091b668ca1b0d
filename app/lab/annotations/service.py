"""Notes that stay and tags that things are found by; nobody commits here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from app.errors import Conflict, Invalid, NotFound
from app.infra.clock import now
from app.infra.db.models import Dataset, Note, Result, Sample, Tag
from app.infra.ids import new_id, prefix_of
from app.lab.access import Action, Actor, readable_projects
from app.lab.annotations.repository import AnnotationRepository
from app.lab.annotations.schemas import Kind, NewNote, NewTag
from app.lab.audit.service import AuditLog

KINDS: dict[str, Kind] = {"smp": "sample", "ds": "dataset", "res": "result"}
PREFIXES = {kind: prefix for prefix, kind in KINDS.items()}
MOST_TAGS = 30


class TooManyTags(Conflict):
    """Tags find a thing; so many of them find nothing."""

    code, title = "too-many-tags", "The thing has many tags"


Thing = Sample | Dataset | Result
Find = Callable[[Actor, str, Action], Thing]


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of a thing: rows with the names of who wrote them."""

    notes: Sequence[tuple[Note, str | None]]
    tags: Sequence[tuple[Tag, str | None]]


class AnnotationService:
    """
    Keeps notes and tags.

    Parameters
    ----------
    rows : AnnotationRepository
        Rows.
    find : mapping of str to callable
        By prefix of an identifier: what returns the thing when the actor may act on it, and refuses otherwise.
    audit : AuditLog
        Where every change is noted.
    """

    def __init__(self, rows: AnnotationRepository, find: Mapping[str, Find], audit: AuditLog) -> None:
        self._rows = rows
        self._find = find
        self._audit = audit

    def of(self, actor: Actor, target_id: str, *, limit: int = 100) -> Said:
        """Return a thing's tags and its newest notes, as pages show them."""
        target = self._target(actor, target_id)
        return Said(self._rows.notes(target.id, None, limit), self._rows.tags(target.id))

    def notes(self, actor: Actor, target_id: str, before: str | None, limit: int) -> list[tuple[Note, str | None]]:
        """Return the notes on a thing, newest first."""
        return self._rows.notes(self._target(actor, target_id).id, before, limit)

    def write(self, actor: Actor, target_id: str, new: NewNote) -> Note:
        """Write a note; it stays, and a second thought is a second note."""
        target = self._target(actor, target_id, Action.RECORD)
        note = Note(
            id=new_id("nte"),
            target_id=target.id,
            project_id=target.project_id,
            text=new.text,
            created_by=actor.id,
            created_at=now(),
        )
        self._rows.add(note)
        self._audit.record(actor, "note.write", target.id, project_id=target.project_id, note_id=note.id)
        return note

    def tags(self, actor: Actor, target_id: str) -> list[tuple[Tag, str | None]]:
        """Return the tags of a thing."""
        return self._rows.tags(self._target(actor, target_id).id)

    def tag(self, actor: Actor, target_id: str, new: NewTag) -> Tag:
        """Tag a thing; a tag that is there already stays as it is."""
        target = self._target(actor, target_id, Action.RECORD)
        present = self._rows.tag(target.id, new.tag)
        if present is not None:
            return present
        if len(self._rows.tags(target.id)) >= MOST_TAGS:
            raise TooManyTags(f"A thing has at most {MOST_TAGS} tags: take one off first.")
        row = Tag(
            id=new_id("tag"),
            target_id=target.id,
            kind=prefix_of(target.id),
            project_id=target.project_id,
            tag=new.tag,
            created_by=actor.id,
            created_at=now(),
        )
        self._rows.add(row)
        self._audit.record(actor, "tag.add", target.id, project_id=target.project_id, tag=row.tag)
        return row

    def untag(self, actor: Actor, target_id: str, tag: str) -> None:
        """Take a tag off; the audit log keeps that it was there."""
        target = self._target(actor, target_id, Action.RECORD)
        row = self._rows.tag(target.id, tag)
        if row is None:
            raise NotFound
        self._rows.remove(row)
        self._audit.record(actor, "tag.remove", target.id, project_id=target.project_id, tag=tag)

    def name_of(self, actor: Actor, target_id: str) -> tuple[str, str]:
        """Return what a thing is called, a result by its method, and its project."""
        target = self._target(actor, target_id)
        return self._rows.names([target.id]).get(target.id, target.id), target.project_id

    def tags_of(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the tags of things another room was already given, for lists."""
        return self._rows.tags_of(ids)

    def counts(
        self, actor: Actor, *, project_id: str | None = None, kind: Kind | None = None, limit: int = 100
    ) -> list[tuple[str, int]]:
        """Return the tags of what the actor may see, the most used first."""
        return self._rows.counts(readable_projects(actor, project_id), PREFIXES[kind] if kind else None, limit)

    def tagged(
        self,
        actor: Actor,
        tag: str | None,
        *,
        project_id: str | None = None,
        kind: Kind | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[tuple[Tag, str | None]]:
        """Return what carries a tag (any when None) with its name, tagged last first; a deleted thing has no name."""
        projects = readable_projects(actor, project_id)
        wanted, prefix = None if tag is None else tag_of(tag), PREFIXES[kind] if kind else None
        rows = self._rows.tagged(projects, wanted, kind=prefix, before=before, limit=limit)
        names = self._rows.names([row.target_id for row in rows])
        return [(row, names.get(row.target_id)) for row in rows]

    def _target(self, actor: Actor, target_id: str, need: Action = Action.READ) -> Thing:
        find = self._find.get(prefix_of(target_id) or "")
        if find is None:
            raise NotFound
        return find(actor, target_id, need)


def tag_of(text: str) -> str:
    """Write what somebody looks for as tags are written; what can be no tag is refused."""
    try:
        return NewTag(tag=text).tag
    except ValidationError:
        detail = "No tag looks like this: letters and digits, with spaces, full stops, hyphens, _, / or + between."
        raise Invalid.field("/query/tag", detail) from None
