"""Splitting and lift-out: the parts and the split in one form."""

from dataclasses import replace
from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.infra.db.models import Sample
from app.lab.access import Action
from app.lab.custody.schemas import NewSplit
from app.portal.forms import LOOK, Field, body_of, fields_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, portal_router
from lithoscope.rules.sample_kinds import sample_kinds

router = portal_router()
LEFT_OUT = frozenset({"client_event_id", "sent_at", "supersedes_id", "evidence", "confirm"})
FIRST = ("occurred_at", "process", "operator", "place", "temperature_K")


@router.get("/samples/{sample_id}/split")
def show_split(sample_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that splits a sample into parts."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    return visit.page("samples/split.html", values={}, **_form(sample))


@router.post("/samples/{sample_id}/split")
def split_sample(sample_id: str, visit: CurrentVisit) -> Response:
    """Register the parts of a sample and record the split."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    if LOOK in visit.form:
        return visit.page("samples/split.html", values=visit.form, **_form(sample))
    try:
        _entry, parts = visit.lab.splitting.split(visit.actor, sample_id, body_of(NewSplit, visit.form))
    except LabError as error:
        return visit.refused(error, "samples/split.html", **_form(sample))
    only = parts[0].id if len(parts) == 1 else sample_id
    return seen(f"/samples/{only}", "sample-split")


def _form(sample: Sample) -> dict[str, Any]:
    fields = {field.name: field for field in fields_of(NewSplit.model_json_schema(), leave_out=LEFT_OUT)}
    fields["process"] = replace(fields["process"], help=f"In the words of the field: {', '.join(_processes())}")
    return {
        "sample": sample,
        "parts_field": _named(fields.pop("parts")),
        "first_fields": [fields.pop(name) for name in FIRST],
        "other_fields": list(fields.values()),
    }


def _named(parts: Field) -> Field:
    """Call the columns of parts as people do, and kinds by their titles."""
    titles = tuple((kind.id, kind.title) for kind in sample_kinds().values())
    changes: dict[str, dict[str, Any]] = {
        "kind": {"label": "What it is", "choices": titles},
        "code": {"label": "Label"},
    }
    return replace(
        parts, has_more=True, fields=tuple(replace(each, **changes.get(each.name, {})) for each in parts.fields)
    )


def _processes() -> list[str]:
    """Return words for how parts are made, offered while one is typed."""
    return list(dict.fromkeys(process for kind in sample_kinds().values() for process in kind.made_by))
