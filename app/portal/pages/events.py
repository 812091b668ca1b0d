"""Custody events: choose a type, answer what that type asks."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response

from app.errors import LabError
from app.infra.db.models import Sample
from app.lab.access import Action
from app.lab.custody import event_types
from app.lab.custody.event_types import EventFields
from app.lab.datasets.repository import DatasetFilter
from app.lab.doubts import ImplausibleValue
from app.portal import words
from app.portal.forms import Values, body_of, fields_of
from app.portal.records import values_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.rules.sample_kinds import kind_of

router = portal_router()
TYPES: dict[str, type[EventFields]] = {
    model.model_json_schema()["properties"]["type"]["const"]: model
    for model in vars(event_types).values()
    if isinstance(model, type) and issubclass(model, EventFields) and "type" in model.model_fields
}
LEFT_OUT = frozenset(
    {"type", "client_event_id", "sent_at", "supersedes_id", "evidence", "child_ids", "exposure_id", "confirm"}
)
Type = Annotated[str | None, Query(alias="type", max_length=40)]
Supersedes = Annotated[str | None, Query(max_length=40)]


@router.get("/samples/{sample_id}/events/new")
def new_event(sample_id: str, visit: CurrentVisit, kind: Type = None, supersedes: Supersedes = None) -> Response:
    """Show the types of event, or the form of one."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    if kind not in TYPES:
        return visit.page("samples/event_types.html", sample=sample, **_offered(sample))
    values = _values_of(visit, sample, supersedes) if supersedes else {}
    return visit.page("form.html", values=values, **_form(visit, sample, kind, supersedes))


@router.post("/samples/{sample_id}/events/new")
def record_event(sample_id: str, visit: CurrentVisit) -> Response:
    """Append an event to a sample's history."""
    kind = visit.form.get("type", "")
    supersedes = visit.form.get("supersedes_id") or None
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    if kind not in TYPES:
        return seen(f"/samples/{sample_id}/events/new")
    try:
        fixed = {"supersedes_id": supersedes} if supersedes else {}
        visit.lab.custody.record(visit.actor, sample_id, body_of(TYPES[kind], visit.form, type=kind, **fixed))  # type: ignore[arg-type]
    except LabError as error:
        return visit.refused(
            error, "form.html", **_form(visit, sample, kind, supersedes, confirm=isinstance(error, ImplausibleValue))
        )
    return seen(f"/samples/{sample_id}", "event-recorded")


@dataclass(frozen=True, slots=True)
class Offer:
    """A type of event to choose, with the reason why it is unusual for this sample, where there is one."""

    name: str
    address: str
    title: str
    lead: str
    why: str = ""


def _offered(sample: Sample) -> dict[str, Any]:
    """Part the types of event into those usual for this kind of sample and the others; all may be recorded."""
    kind = kind_of(sample.kind, sample.material)
    usual, others = kind.sorted(TYPES) if kind else (list(TYPES), [])
    return {
        "kind": kind,
        "usual": [_offer(sample, name) for name in usual],
        "others": [_offer(sample, name, why) for name, why in others],
    }


def _offer(sample: Sample, name: str, why: str = "") -> Offer:
    own = "split" if name == "split" else f"events/new?type={name}"
    lead = (TYPES[name].__doc__ or "").strip()
    return Offer(name, f"/samples/{sample.id}/{own}", words.title(name), lead, why)


def _tables(visit: Visit, sample: Sample) -> tuple[tuple[str, str], ...]:
    """Return the tables that may be data of a cycling, those of the sample first."""
    wanted = DatasetFilter(state="readable")
    rows = visit.lab.datasets.page(visit.actor, project_id=sample.project_id, wanted=wanted, before=None, limit=200)
    tables = [row for row in rows if any(array["kind"] == "table" for array in row.arrays)]
    return tuple((row.id, row.filename) for row in sorted(tables, key=lambda row: row.sample_id != sample.id))


def _form(visit: Visit, sample: Sample, kind: str, supersedes: str | None, *, confirm: bool = False) -> dict[str, Any]:
    model = TYPES[kind]
    fields = fields_of(model.model_json_schema(), leave_out=LEFT_OUT - ({"confirm"} if confirm else set()))
    if any(field.name == "dataset_id" for field in fields):
        tables = _tables(visit, sample)
        fields = tuple(
            replace(field, kind="choice", choices=tables) if field.name == "dataset_id" else field for field in fields
        )
    known = kind_of(sample.kind, sample.material)
    rarely = known.rarely.get(kind, frozenset()) if known else frozenset()
    lead = " ".join([(model.__doc__ or "").strip(), known.unusual.get(kind, "") if known else ""]).strip()
    if supersedes:
        lead = "The record it corrects stays in the history, marked as corrected."
    return {
        "heading": f"Correct: {words.word(kind)}" if supersedes else words.title(kind),
        "lead": f"{lead} What you leave empty is kept as not recorded.",
        "crumbs": [(f"/samples/{sample.id}", sample.name), (f"/samples/{sample.id}/events/new", "Add an event")],
        "action": f"/samples/{sample.id}/events/new",
        "hidden": {"type": kind, "supersedes_id": supersedes or ""},
        "form_fields": sorted((each for each in fields if each.name not in rarely), key=lambda each: not each.required),
        "folded_fields": [each for each in fields if each.name in rarely],
        "folded_title": f"Rarely stated of this kind of sample ({known.title.lower()})" if known else "",
        "button": "Record the correction" if supersedes else "Record",
        "back": f"/samples/{sample.id}",
    }


def _values_of(visit: Visit, sample: Sample, event_id: str) -> Values:
    """Fill a correction with what the corrected record says; instants in UTC as the plain form takes them."""
    event = visit.lab.custody.get(visit.actor, event_id).event
    if event.sample_id != sample.id:
        return {}
    stated = {"place": event.place, "operator": event.operator, **event.payload}
    return values_of({**stated, "occurred_at": event.occurred_at, "ended_at": event.ended_at})
