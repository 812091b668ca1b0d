"""Things leaving with their whole story, and crates from elsewhere taken in."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import Invalid, LabError
from app.lab.access import Action
from app.lab.exchange.importing import import_crate
from app.lab.exchange.schemas import NewImport
from app.portal import links
from app.portal.forms import Field
from app.portal.origins import origin_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
FORMATS = (
    ("ro-crate", "RO-Crate 1.3", "Everything, with the files: for another Lithoscope, an archive, a publication.", ""),
    ("ro-crate", "RO-Crate 1.2", "The same for readers of the older edition.", "&crate=1.2"),
    ("eln", "Electronic notebook (.eln)", "The same crate in the layout that laboratory notebooks take in.", ""),
    ("nexus", "NeXus (NXem or NXapm)", "Custody, exposures and instrument in HDF5, without the data themselves.", ""),
    ("prov", "PROV-JSON", "The graph of what was made from what, by whom.", ""),
    ("csv", "Tables (CSV)", "One table a kind: samples, events, exposures, files, jobs, results, corrections.", ""),
)
CODES = Field(
    "codes",
    "Other labels",
    "text",
    help="Where a label is taken here: TAKEN=OTHER, several separated by commas.",
)


@router.get("/exports/{object_id}")
def show_export(object_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show in which forms a thing can leave, what goes with it, and where it came from."""
    counts = visit.lab.exchange.counts(visit.actor, object_id)
    kind = links.KINDS[object_id.partition("_")[0]]
    return visit.page(
        "exchange/export.html",
        object_id=object_id,
        kind=kind,
        home=links.address(object_id),
        formats=FORMATS,
        counts=list(counts.items()),
        origin=origin_of(visit, object_id),
        away=visit.lab.exchange.away(visit.actor, object_id),
    )


@router.get("/imports/new")
def show_import(visit: CurrentVisit, project_id: Annotated[str, Query(max_length=40)]) -> HTMLResponse:
    """Show the crates that were sent to a project, each with the form that looks into it or takes it in."""
    return visit.page("exchange/import.html", values={}, plan=None, **_page(visit, project_id))


@router.post("/imports/new")
def take_in(visit: CurrentVisit, project_id: Annotated[str, Query(max_length=40)]) -> Response:
    """Look into a crate, or take it in."""
    lab, actor, form = visit.lab, visit.actor, dict(visit.form)
    lab.session.rollback()  # an import has transactions of its own
    dataset_id, is_rehearsal = str(form.get("dataset_id", "")), form.get("act") != "take"
    try:
        new = NewImport(dataset_id=dataset_id, codes=_codes(str(form.get("codes", ""))), is_rehearsal=is_rehearsal)
        answer = import_crate(lab.house, actor, new)
    except (LabError, ValueError) as error:
        refusal = error if isinstance(error, LabError) else _no_label()
        return visit.refused(refusal, "exchange/import.html", plan=None, **_page(visit, project_id))
    if answer.taken is not None:
        return seen(links.address(answer.taken.target_id or project_id), "crate-taken")
    return visit.page("exchange/import.html", values=form, plan=answer.plan, **_page(visit, project_id))


def _codes(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    return {taken.strip(): other.strip() for taken, _, other in pairs}


def _no_label() -> LabError:
    return Invalid.field("/body/codes", "Write labels in capital letters, digits and hyphens, as TAKEN=OTHER.")


def _page(visit: Visit, project_id: str) -> dict[str, Any]:
    lab, actor = visit.lab, visit.actor
    project = lab.projects.get(actor, project_id, need=Action.STEWARD)
    return {
        "project": project,
        "crates": lab.exchange.crates(actor, project_id),
        "taken": lab.exchange.page(actor, project_id=project_id, before=None, limit=20),
        "codes_field": CODES,
    }
