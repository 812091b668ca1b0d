"""Regions: naming an area of a sample, its dose at each beam energy, changing and retiring it."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.infra.clock import now
from app.infra.db.models import Region, Sample
from app.lab.access import Action, allow
from app.lab.budgets.service import RegionBudget
from app.lab.regions.schemas import NewRegion, RegionChange
from app.lab.regions.service import outline_of
from app.portal import outlines
from app.portal.forms import Field, Values, body_of, fields_of, version_of
from app.portal.records import values_of
from app.portal.rendering import seen
from app.portal.samples import head
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.rules.regions import area, region_dose

router = portal_router()


@router.get("/samples/{sample_id}/regions/new")
def new_region(sample_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that names a region."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.REGISTER)
    return visit.page("form.html", values={}, **_form(visit, sample, None))


@router.post("/samples/{sample_id}/regions/new")
def create_region(sample_id: str, visit: CurrentVisit) -> Response:
    """Name a region."""
    sample = visit.lab.samples.get(visit.actor, sample_id, need=Action.REGISTER)
    try:
        region = visit.lab.regions.create(visit.actor, sample_id, body_of(NewRegion, _answered(visit.form)))
    except LabError as error:
        return visit.refused(error, "form.html", **_form(visit, sample, None))
    return seen(f"/regions/{region.id}", "region-made")


@router.get("/regions/{region_id}/edit")
def edit_region(region_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that changes a region."""
    region = visit.lab.regions.get(visit.actor, region_id, need=Action.REGISTER)
    present = values_of({name: getattr(region, name) for name in RegionChange.model_fields})
    sample = visit.lab.samples.get(visit.actor, region.sample_id)
    return visit.page("form.html", values=present, **_form(visit, sample, region))


@router.post("/regions/{region_id}/edit")
def change_region(region_id: str, visit: CurrentVisit) -> Response:
    """Change a region."""
    region = visit.lab.regions.get(visit.actor, region_id, need=Action.REGISTER)
    sample = visit.lab.samples.get(visit.actor, region.sample_id)
    context = _form(visit, sample, region) | {"hidden": {"version": visit.form.get("version", "")}}
    try:
        change = body_of(RegionChange, _answered(visit.form))
        visit.lab.regions.change(visit.actor, region_id, version_of(visit.form), change)
    except LabError as error:
        return visit.refused(error, "form.html", **context)
    return seen(f"/regions/{region_id}", "region-changed")


@router.post("/regions/{region_id}/retirement")
def retire_region(region_id: str, visit: CurrentVisit) -> Response:
    """Stop watching a region."""
    sample_id = visit.lab.regions.get(visit.actor, region_id).sample_id
    visit.lab.regions.retire(visit.actor, region_id)
    return seen(f"/samples/{sample_id}/dose", "region-retired")


@router.get("/regions/{region_id}/budgets")
def show_budgets(region_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the budgets alone: what a page replaces while a beam is on the region."""
    region = visit.lab.regions.get(visit.actor, region_id)
    return visit.page("dose/budgets.html", region=region, budgets=_budgets(visit, region))


def _budgets(visit: Visit, region: Region) -> list[RegionBudget]:
    if region.phases:
        return visit.lab.budgets.of_watched(visit.actor, region.id)
    return []


@router.get("/regions/{region_id}")
def show_region(region_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a region: the dose of every beam energy, mean and worst place."""
    lab, actor = visit.lab, visit.actor
    beam = lab.regions.beam(actor, region_id, at=now())
    region = beam.region
    sample = lab.samples.get(actor, region.sample_id)
    legs = {leg.exposure_id: leg for _, members in beam.shares for leg in members}
    return visit.page(
        "dose/region.html",
        region=region,
        area_um2=area(outline_of(region)),
        doses=region_dose(beam.shares),
        budgets=_budgets(visit, region),
        cells=beam.shares,
        picture=outlines.draw([region], legs.values()),
        coverage=beam.coverage,
        may_register=allow(actor, Action.REGISTER, sample.project_id) and region.retired_at is None,
        **head(visit, sample, "/dose"),
    )


def _form(visit: Visit, sample: Sample, region: Region | None) -> dict[str, Any]:
    model = NewRegion if region is None else RegionChange
    others = [
        row for row in visit.lab.regions.of_sample(visit.actor, sample.id) if region is None or row.id != region.id
    ]
    fields = {field.name: field for field in fields_of(model.model_json_schema())}
    outline = Field(
        "polygon_um", "Outline", "outline", required=True, unit="um", choices=outlines.choices(others),
        help="In the sample's own coordinates; at least three corners.",
    )  # fmt: skip
    phases = Field("phases", "Watched for", "ticks", choices=tuple((phase, phase) for phase in _phases(visit)))
    shown = [fields["name"], phases, outline, fields["note"]]
    return {
        "heading": f"Change {region.name}" if region else "Name a region",
        "lead": "" if region else f"A part of {sample.name} whose dose is counted by itself.",
        "crumbs": [(f"/samples/{sample.id}", sample.name), (f"/samples/{sample.id}/dose", "Dose and regions")],
        "action": f"/regions/{region.id}/edit" if region else f"/samples/{sample.id}/regions/new",
        "hidden": {"version": region.version} if region else {},
        "form_fields": shown,
        "button": "Save" if region else "Name it",
        "back": f"/regions/{region.id}" if region else f"/samples/{sample.id}/dose",
    }


def _answered(form: Values) -> Values:
    """Read the ticked phases as the list they are."""
    ticked = [name.removeprefix("phases.") for name in form if name.startswith("phases.")]
    return {**form, "phases": ", ".join(ticked)}


def _phases(visit: Visit) -> list[str]:
    return sorted({each.limit.phase for each in visit.lab.limits.all()})
