"""Notes and tags over HTTP."""

from typing import Annotated

from fastapi import Query

from app.infra.db.models import Note, Tag
from app.lab.annotations.schemas import Kind, NewNote, NewTag, NoteOut, TagCountOut, TaggedOut, TagOut
from app.lab.annotations.service import KINDS
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.paging import Paging
from app.lab.schemas import Page

router = room_router("annotations")
ProjectId = Annotated[str | None, Query(max_length=40, description="One project; all that may be seen when left out")]
Only = Annotated[Kind | None, Query(description="Only things of this kind")]


@router.post("/annotations/{object_id}/notes", status_code=201, operation_id="writeNote", responses=refuses())
def write_note(object_id: str, new: NewNote, actor: CurrentActor, lab: CurrentLab) -> NoteOut:
    """Write a note beside a sample, dataset or result; it stays with its author and moment."""
    return _note(lab.annotations.write(actor, object_id, new), actor.label)


@router.get("/annotations/{object_id}/notes", operation_id="listNotes", responses=refuses())
def list_notes(object_id: str, actor: CurrentActor, lab: CurrentLab, page: Paging) -> Page[NoteOut]:
    """List the notes beside a sample, dataset or result, newest first."""
    rows = lab.annotations.notes(actor, object_id, page.cursor.before, page.cursor.limit)
    return Page(items=[_note(note, name) for note, name in rows], next=page.next([note.id for note, _ in rows]))


@router.post("/annotations/{object_id}/tags", status_code=201, operation_id="addTag", responses=refuses(409))
def add_tag(object_id: str, new: NewTag, actor: CurrentActor, lab: CurrentLab) -> TagOut:
    """Tag a sample, dataset or result; a tag it has already stays as it is."""
    return _tag(lab.annotations.tag(actor, object_id, new), actor.label)


@router.get("/annotations/{object_id}/tags", operation_id="listTagsOf", responses=refuses())
def list_tags_of(object_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[TagOut]:
    """List the tags of a sample, dataset or result."""
    return Page(items=[_tag(row, name) for row, name in lab.annotations.tags(actor, object_id)])


@router.delete(
    "/annotations/{object_id}/tags/{tag:path}", status_code=204, operation_id="removeTag", responses=refuses()
)
def remove_tag(object_id: str, tag: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Take a tag off; the audit log keeps that it was there."""
    lab.annotations.untag(actor, object_id, tag)


@router.get("/tags", operation_id="listTags", responses=refuses())
def list_tags(
    actor: CurrentActor,
    lab: CurrentLab,
    project_id: ProjectId = None,
    kind: Only = None,
    limit: Annotated[int, Query(ge=1, le=500, description="So many of the most used")] = 100,
) -> Page[TagCountOut]:
    """List the tags of what may be seen, the most used first."""
    counts = lab.annotations.counts(actor, project_id=project_id, kind=kind, limit=limit)
    return Page(items=[TagCountOut(tag=tag, things=things) for tag, things in counts])


@router.get("/tagged", operation_id="listTagged", responses=refuses())
def list_tagged(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    tag: Annotated[
        str | None, Query(max_length=120, description="Capitals do not matter; any tag when left out")
    ] = None,
    project_id: ProjectId = None,
    kind: Only = None,
) -> Page[TaggedOut]:
    """List the samples, datasets and results that carry a tag, those tagged last first."""
    rows = lab.annotations.tagged(
        actor, tag, project_id=project_id, kind=kind, before=page.cursor.before, limit=page.cursor.limit
    )
    found = [_tagged(row, name) for row, name in rows if name is not None]
    return Page(items=found, next=page.next([row.id for row, _ in rows]))


def _note(note: Note, author: str | None) -> NoteOut:
    own = {name: getattr(note, name) for name in NoteOut.model_fields if name != "author"}
    return NoteOut(**own, author=author)


def _tag(row: Tag, author: str | None) -> TagOut:
    return TagOut(tag=row.tag, created_by=row.created_by, author=author, created_at=row.created_at)


def _tagged(row: Tag, name: str) -> TaggedOut:
    return TaggedOut(
        id=row.target_id,
        tag=row.tag,
        kind=KINDS[row.kind],
        name=name,
        project_id=row.project_id,
        tagged_at=row.created_at,
    )
