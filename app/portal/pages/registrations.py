"""Files that lie on the facility's storage, registered where they lie."""

from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.errors import LabError
from app.lab.registrations.looking import looked_at
from app.lab.registrations.schemas import NewRegistration
from app.portal.forms import body_of
from app.portal.pages.datasets import upload_context
from app.portal.visit import CurrentVisit, portal_router

router = portal_router()


@router.post("/registrations")
def register_file(visit: CurrentVisit) -> Response:
    """Register a file; its page shows how far it is hashed."""
    lab, form = visit.lab, visit.form
    context = upload_context(visit, form.get("project_id"), form.get("sample_id") or None)
    try:
        new = body_of(NewRegistration, form)
        upload, _ = lab.registrations.register(visit.actor, new, looked_at(lab.house, visit.actor, new))
    except LabError as error:
        return visit.refused(error, "datasets/upload.html", **context)
    return RedirectResponse(f"/registrations/{upload.id}", 303)


@router.get("/registrations/{upload_id}")
def show_registration(upload_id: str, visit: CurrentVisit) -> Response:
    """Show how far a file is hashed, or its dataset once it is."""
    upload = visit.lab.uploads.get(visit.actor, upload_id)
    if upload.dataset_id is not None:
        return RedirectResponse(f"/datasets/{upload.dataset_id}", 303)
    page: HTMLResponse = visit.page("datasets/registration.html", upload=upload)
    return page
