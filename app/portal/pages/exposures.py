"""Exposures: choose the mode of the beam, state what is known of it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response

from app.errors import LabError
from app.infra.db.models import Sample
from app.lab.access import Action
from app.lab.datasets.repository import DatasetFilter
from app.lab.dose.conditions import UNIT_OF
from app.lab.dose.schemas import ExposureFields, StemRaster, TemField, XRay
from app.lab.doubts import ImplausibleValue
from app.portal import words
from app.portal.forms import Field, Values, body_of, fields_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
MODES: dict[str, type[ExposureFields]] = {"stem_raster": StemRaster, "tem_field": TemField, "xray": XRay}
LEFT_OUT = frozenset(
    {"mode", "client_event_id", "sent_at", "supersedes_id", "dataset_id", "confirm"}
    | {"field_um", "region_id", "instrument_id", "is_running"}
)
STATED = ("measured", "header", "user", "assumed")
DATASETS = 100
Mode = Annotated[str | None, Query(max_length=40)]


@router.get("/samples/{sample_id}/exposures/new")
def new_exposure(sample_id: str, visit: CurrentVisit, mode: Mode = None) -> Response:
    """Show the modes of exposure, or the form of one."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    if mode not in MODES:
        choices = [(name, words.title(name), (model.__doc__ or "").strip()) for name, model in MODES.items()]
        return visit.page("samples/modes.html", sample=sample, choices=choices)
    return visit.page("form.html", values={}, **_form(visit, sample, mode))


@router.post("/samples/{sample_id}/exposures/new")
def record_exposure(sample_id: str, visit: CurrentVisit) -> Response:
    """Append an exposure to a sample's history."""
    mode = visit.form.get("mode", "")
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    if mode not in MODES:
        return seen(f"/samples/{sample_id}/exposures/new")
    try:
        new = body_of(MODES[mode], _stated(visit.form), mode=mode)
        visit.lab.dose.record(visit.actor, sample_id, new)  # type: ignore[arg-type]
    except LabError as error:
        return visit.refused(
            error, "form.html", **_form(visit, sample, mode, confirm=isinstance(error, ImplausibleValue))
        )
    return seen(f"/samples/{sample_id}", "exposure-recorded")


def _form(visit: Visit, sample: Sample, mode: str, *, confirm: bool = False) -> dict[str, Any]:
    model = MODES[mode]
    wanted = DatasetFilter(sample_id=sample.id)
    datasets = visit.lab.datasets.page(visit.actor, project_id=sample.project_id, wanted=wanted, limit=DATASETS)
    given = tuple((row.id, row.filename) for row in datasets)
    dataset = Field("dataset_id", "Dataset it gave", "choice", choices=given)
    every = fields_of(model.model_json_schema(), leave_out=LEFT_OUT - ({"confirm"} if confirm else set()))
    fields = tuple(field for field in every if field.name not in UNIT_OF)
    return {
        "heading": f"Exposure: {words.word(mode)}",
        "lead": f"{(model.__doc__ or '').strip()} What you leave empty is unknown, and then so is the dose.",
        "crumbs": [(f"/samples/{sample.id}", sample.name)],
        "action": f"/samples/{sample.id}/exposures/new",
        "hidden": {"mode": mode},
        "form_fields": (dataset, *fields),
        "quantities": tuple(_quantity(field) for field in every if field.name in UNIT_OF),
        "button": "Record the exposure",
        "back": f"/samples/{sample.id}",
    }


def _quantity(group: Field) -> Field:
    """Ask for a quantity in its one unit, with where it comes from: one row of the form."""
    unit = UNIT_OF[group.name]
    kelvin = (("K", "K"), ("degC", "°C")) if group.name == "temperature_K" else ()
    parts = {part.name.rpartition(".")[2]: part for part in group.fields}
    value = replace(parts["value"], unit=unit, units=kelvin, required=False)
    source = replace(parts["source"], choices=tuple((name, name) for name in STATED), default="user")
    uncertainty = replace(parts["uncertainty"], unit=unit)
    return replace(group, kind="quantity", fields=(value, source, uncertainty, parts["note"]))


def _stated(form: Values) -> Values:
    """Leave out the quantities without value, and state the unit the form showed for the others."""
    unknown = [name for name in UNIT_OF if not form.get(f"{name}.value", "").strip()]
    kept = {key: text for key, text in form.items() if key.partition(".")[0] not in unknown}
    return kept | {
        f"{name}.unit": unit for name, unit in UNIT_OF.items() if name not in unknown and f"{name}.value" in form
    }
