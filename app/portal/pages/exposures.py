"""Exposures: choose the mode of the beam, state what is known of it."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Region, Sample
from app.lab.access import Action
from app.lab.datasets.repository import DatasetFilter
from app.lab.dose.conditions import UNIT_OF
from app.lab.dose.schemas import ExposureFields, Fib, StemRaster, TemField, XRay
from app.lab.dose.service import RecordedExposure
from app.lab.doubts import ImplausibleValue
from app.portal import outlines, words
from app.portal.forms import Field, Values, body_of, fields_of
from app.portal.records import values_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
MODES: dict[str, type[ExposureFields]] = {
    "stem_raster": StemRaster,
    "tem_field": TemField,
    "xray": XRay,
    "fib": Fib,
}
LEFT_OUT = frozenset(
    {"mode", "client_event_id", "sent_at", "supersedes_id", "dataset_id", "instrument_id", "region_id", "confirm"}
)
FIELD = "The field it lit, in the sample's coordinates; it counts before the region."
STATED = ("measured", "header", "user", "assumed")
DATASETS = 100
Supersedes = Annotated[str | None, Query(max_length=40)]
Ending = Annotated[bool | None, Query(alias="end")]
Mode = Annotated[str | None, Query(max_length=40)]
Dataset = Annotated[str | None, Query(max_length=40, description="Begin with what this dataset says of its scans")]


@router.get("/samples/{sample_id}/exposures/new")
def new_exposure(
    sample_id: str,
    visit: CurrentVisit,
    mode: Mode = None,
    supersedes: Supersedes = None,
    ending: Ending = None,
    dataset: Dataset = None,
) -> Response:
    """Show the modes of exposure, or the form of one; a correction, an end, a dataset's begin with what is known."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    values: Values = {}
    if dataset:
        scans = visit.lab.series_exposures.proposed(visit.actor, dataset)
        mode, values = scans["mode"], values_of(scans)
    if supersedes:
        entry = visit.lab.dose.get(visit.actor, supersedes)
        mode = entry.exposure.mode
        values = _values_of(entry, is_ending=bool(ending))
    if mode not in MODES:
        choices = [(name, words.title(name), (model.__doc__ or "").strip()) for name, model in MODES.items()]
        return visit.page("samples/modes.html", sample=sample, choices=choices)
    return visit.page("form.html", values=values, **_form(visit, sample, mode, supersedes=supersedes))


@router.post("/samples/{sample_id}/exposures/new")
def record_exposure(sample_id: str, visit: CurrentVisit) -> Response:
    """Append an exposure to a sample's history."""
    mode = visit.form.get("mode", "")
    supersedes = visit.form.get("supersedes_id") or None
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.RECORD)
    if mode not in MODES:
        return seen(f"/samples/{sample_id}/exposures/new")
    try:
        fixed = {"supersedes_id": supersedes} if supersedes else {}
        new = body_of(MODES[mode], stated(visit.form), mode=mode, **fixed)
        visit.lab.dose.record(visit.actor, sample_id, new)  # type: ignore[arg-type]
    except LabError as error:
        asks = isinstance(error, ImplausibleValue)
        return visit.refused(error, "form.html", **_form(visit, sample, mode, supersedes=supersedes, confirm=asks))
    gave = visit.form.get("dataset_id")
    return seen(f"/datasets/{gave}" if gave else f"/samples/{sample_id}/dose", "exposure-recorded")


def _form(
    visit: Visit, sample: Sample, mode: str, *, supersedes: str | None = None, confirm: bool = False
) -> dict[str, Any]:
    model = MODES[mode]
    every = fields_of(model.model_json_schema(), leave_out=LEFT_OUT - ({"confirm"} if confirm else set()))
    regions = visit.lab.regions.of_sample(visit.actor, sample.id)
    fields = [
        replace(field, choices=outlines.choices(regions), help=FIELD) if field.kind == "outline" else field
        for field in every
        if field.name not in UNIT_OF
    ]
    lead = "The record it corrects stays in the history, marked as corrected." if supersedes else model.__doc__ or ""
    return {
        "heading": f"Correct or end: {words.word(mode)}" if supersedes else f"Exposure: {words.word(mode)}",
        "lead": f"{lead.strip()} What you leave empty is unknown, and then so is the dose.",
        "crumbs": [(f"/samples/{sample.id}", sample.name), (f"/samples/{sample.id}/dose", "Dose and regions")],
        "action": f"/samples/{sample.id}/exposures/new",
        "hidden": {"mode": mode, "supersedes_id": supersedes or ""},
        "form_fields": (*_references(visit, sample, regions), *fields),
        "quantities": tuple(quantity_row(field) for field in every if field.name in UNIT_OF),
        "button": "Record the correction" if supersedes else "Record the exposure",
        "back": f"/samples/{sample.id}/dose",
    }


def _references(visit: Visit, sample: Sample, regions: list[Region]) -> tuple[Field, ...]:
    """Ask what the exposure belongs to: a dataset, a region, an instrument whose calibrations hold."""
    wanted = DatasetFilter(sample_id=sample.id)
    datasets = visit.lab.datasets.page(visit.actor, project_id=sample.project_id, wanted=wanted, limit=DATASETS)
    instruments = visit.lab.instruments.page(visit.actor, None, DATASETS)
    return (
        Field("dataset_id", "Dataset it gave", "choice", choices=tuple((row.id, row.filename) for row in datasets)),
        Field("region_id", "Region it lay on", "choice", choices=tuple((row.id, row.name) for row in regions)),
        Field(
            "instrument_id",
            "Instrument",
            "choice",
            choices=tuple((row.id, row.name) for row in instruments),
            help="Its beam calibrations hold for this exposure.",
        ),
    )


def _values_of(entry: RecordedExposure, *, is_ending: bool) -> Values:
    """Fill a correction with what was recorded; an end is the same exposure, ended now."""
    exposure = entry.exposure
    known = {name: quantity.to_json() for name, quantity in entry.conditions.items() if quantity.value is not None}
    names = ("occurred_at", "ended_at", "purpose", "dataset_id", "region_id", "instrument_id", "field_um", "frames")
    own = {name: getattr(exposure, name) for name in (*names, "recorded_scans", "note")}
    own["is_running"] = exposure.is_running and not is_ending
    if is_ending:
        own["ended_at"] = now()
    return values_of({**own, **exposure.geometry, **known})


def quantity_row(group: Field) -> Field:
    """Ask for a quantity in its one unit, with where it comes from: one row of the form."""
    unit = UNIT_OF[group.name]
    kelvin = (("K", "K"), ("degC", "°C")) if group.name == "temperature_K" else ()
    parts = {part.name.rpartition(".")[2]: part for part in group.fields}
    value = replace(parts["value"], unit=unit, units=kelvin, required=False)
    source = replace(parts["source"], choices=tuple((name, name) for name in STATED), default="user")
    uncertainty = replace(parts["uncertainty"], unit=unit)
    return replace(group, kind="quantity", fields=(value, source, uncertainty, parts["note"]))


def stated(form: Values) -> Values:
    """Leave out the quantities without value, and state the unit the form showed for the others."""
    unknown = [name for name in UNIT_OF if not form.get(f"{name}.value", "").strip()]
    kept = {key: text for key, text in form.items() if key.partition(".")[0] not in unknown}
    return kept | {
        f"{name}.unit": unit for name, unit in UNIT_OF.items() if name not in unknown and f"{name}.value" in form
    }
