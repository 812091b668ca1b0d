"""Files that lie on the facility's storage, registered where they lie."""

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import LabError
from app.lab.datasets.looking import look
from app.lab.registrations.looking import looked_at
from app.lab.registrations.schemas import NewRegistration
from app.portal.forms import body_of
from app.portal.pages.datasets import upload_context
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()


@router.post("/registrations")
def register_file(visit: CurrentVisit) -> Response:
    """Register a file; its page shows how far it is hashed."""
    form = visit.form
    context = upload_context(visit, form.get("project_id"), form.get("sample_id") or None)
    try:
        return _registered(visit, body_of(NewRegistration, form))
    except LabError as error:
        return visit.refused(error, "datasets/upload.html", **context)


def _registered(visit: Visit, new: NewRegistration) -> Response:
    lab = visit.lab
    upload, _ = lab.registrations.register(visit.actor, new, looked_at(lab.house, visit.actor, new))
    return RedirectResponse(f"/registrations/{upload.id}", 303)


@router.post("/datasets/{dataset_id}/place/looks")
def look_again(dataset_id: str, visit: CurrentVisit) -> Response:
    """Look at a dataset's file; where its size or time differs have it hashed, for its bytes may be the same."""
    lab, actor = visit.lab, visit.actor
    lab.session.rollback()  # a look has transactions of its own
    place = look(lab.house, actor, dataset_id)
    if place.problem != "changed":
        return seen(f"/datasets/{dataset_id}", None if place.problem else "file-stands")
    dataset = lab.datasets.get(actor, dataset_id)
    told = {"project_id": dataset.project_id, "sample_id": dataset.sample_id, "sha256": dataset.sha256}
    members = [member.name for member in lab.datasets.members(dataset)] or None
    return _registered(visit, NewRegistration(root=place.root, path=place.path, members=members, **told))


@router.get("/registrations/{upload_id}")
def show_registration(upload_id: str, visit: CurrentVisit) -> Response:
    """Show how far a file is hashed, or its dataset once it is."""
    upload = visit.lab.uploads.get(visit.actor, upload_id)
    if upload.dataset_id is not None:
        return RedirectResponse(f"/datasets/{upload.dataset_id}", 303)
    members = visit.lab.registrations.names(upload.id)
    page: HTMLResponse = visit.page("datasets/registration.html", upload=upload, members=members)
    return page
