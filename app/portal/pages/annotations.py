"""Notes and tags: what is said of one thing, and what carries a tag."""

from typing import Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.annotations.schemas import NewNote, NewTag
from app.lab.annotations.service import KINDS
from app.lab.doors.paging import Paging
from app.portal import links
from app.portal.forms import body_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
MOST_TAGS = 200


@router.get("/annotations/{object_id}")
def show_annotations(object_id: str, visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show all notes and tags of a thing."""
    return visit.page("annotations/page.html", values={}, **_about(visit, object_id, page))


@router.post("/annotations/{object_id}/notes")
def write_note(object_id: str, visit: CurrentVisit, page: Paging) -> Response:
    """Write a note."""
    try:
        visit.lab.annotations.write(visit.actor, object_id, body_of(NewNote, visit.form))
    except LabError as error:
        return visit.refused(error, "annotations/page.html", **_about(visit, object_id, page))
    return _back(object_id, "note-written")


@router.post("/annotations/{object_id}/tags")
def add_tag(object_id: str, visit: CurrentVisit, page: Paging) -> Response:
    """Give a tag."""
    try:
        visit.lab.annotations.tag(visit.actor, object_id, body_of(NewTag, visit.form))
    except LabError as error:
        return visit.refused(error, "annotations/page.html", **_about(visit, object_id, page))
    return _back(object_id, "tag-added")


@router.post("/annotations/{object_id}/tags/removal")
def remove_tag(object_id: str, visit: CurrentVisit) -> Response:
    """Take a tag off."""
    visit.lab.annotations.untag(visit.actor, object_id, visit.form.get("tag", ""))
    return _back(object_id, "tag-removed")


@router.get("/tagged")
def show_tagged(
    visit: CurrentVisit,
    page: Paging,
    tag: Annotated[str | None, Query(max_length=120)] = None,
    kind: Annotated[Literal["", "sample", "dataset", "result"], Query()] = "",
) -> HTMLResponse:
    """Show what carries a tag, and every tag there is."""
    annotations, actor = visit.lab.annotations, visit.actor
    rows, errors = [], {}
    if tag:
        try:
            before, limit = page.cursor.before, page.cursor.limit
            rows = annotations.tagged(actor, tag, kind=kind or None, before=before, limit=limit)
        except LabError as error:
            errors = {"tag": error.detail}
    return visit.page(
        "annotations/tagged.html",
        status=422 if errors else 200,
        tag=tag or "",
        kind=kind,
        rows=[(row, KINDS[row.kind], name) for row, name in rows if name is not None],
        counts=annotations.counts(actor, kind=kind or None, limit=MOST_TAGS),
        errors=errors,
        next=page.next([row.id for row, _ in rows]) if tag else None,
    )


def _about(visit: Visit, object_id: str, page: Any) -> dict[str, Any]:
    annotations, actor = visit.lab.annotations, visit.actor
    before, limit = page.cursor.before, page.cursor.limit
    name, project_id = annotations.name_of(actor, object_id)
    notes = annotations.notes(actor, object_id, before, limit)
    return {
        "annotated": object_id,
        "name": name,
        "kind": KINDS[object_id.partition("_")[0]],
        "home": links.address(object_id),
        "said": {"notes": notes, "tags": annotations.tags(actor, object_id)},
        "most_notes": limit,
        "may_annotate": allow(actor, Action.RECORD, project_id),
        "next": page.next([note.id for note, _ in notes]),
    }


def _back(object_id: str, done: str) -> Response:
    answer = seen(links.address(object_id), done)
    answer.headers["Location"] += "#notes"
    return answer
