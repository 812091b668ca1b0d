"""Labels to print: name, label and project with a QR code that leads to the sample."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Query
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from app.errors import NotFound
from app.infra.db.models import Sample
from app.lab.doors.dependencies import public_address
from app.portal.codes import best_mask, qr_svg
from app.portal.pages.finding import Wanted, asked
from app.portal.pages.projects import ALL
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
MOST = 60  # labels of one sheet
Ids = Annotated[list[str] | None, Query(alias="id", max_length=MOST)]
Copies = Annotated[int, Query(ge=1, le=20)]


@router.get("/samples/labels")
def show_sheet(visit: CurrentVisit, wanted: Wanted, ids: Ids = None, copies: Copies = 1) -> HTMLResponse:
    """Show labels to print: of the samples named, else of a search."""
    samples = visit.lab.samples
    if ids:
        rows = [samples.get(visit.actor, each) for each in dict.fromkeys(ids)]
    else:
        rows = samples.page(visit.actor, wanted=wanted, before=None, limit=MOST)
    hidden = [("id", row.id) for row in rows] if ids else list(asked(wanted).items())
    return _page(visit, rows, copies=copies, hidden=hidden, is_cut=not ids and len(rows) == MOST)


@router.get("/samples/{sample_id}/label")
def show_label(sample_id: str, visit: CurrentVisit, copies: Copies = 1) -> HTMLResponse:
    """Show the label of one sample to print."""
    sample = visit.lab.samples.get(visit.actor, sample_id)
    return _page(visit, [sample], copies=copies, sample=sample)


def _page(visit: Visit, rows: list[Sample], *, copies: int, **context: object) -> HTMLResponse:
    titles = {row.id: row.title for row in visit.lab.projects.page(visit.actor, None, ALL)}
    mask = best_mask(address_of(visit, rows[0])) if rows else None
    labels = [(row, titles.get(row.project_id, ""), _code(visit, row, mask)) for row in rows]
    given = {"sample": None, "hidden": [], "is_cut": False, "most": MOST, "copies": copies, **context}
    return visit.page("samples/labels.html", labels=[label for label in labels for _ in range(copies)], **given)


def _code(visit: Visit, sample: Sample, mask: int | None) -> Markup:
    return qr_svg(address_of(visit, sample), label=f"QR code of {sample.code}", mask=mask)


def address_of(visit: Visit, sample: Sample) -> str:
    """Return the address a label leads to: it outlives pages, since labels stay on boxes for years."""
    return f"{public_address(visit.request)}/samples/by-code/{quote(sample.code)}"


@router.get("/samples/by-code/{code}")
def find_by_code(code: str, visit: CurrentVisit) -> RedirectResponse:
    """Lead from a label to its sample; an unknown one to a search for it."""
    try:
        sample = visit.lab.samples.with_code(visit.actor, code)
    except NotFound:
        return seen(f"/samples?q={quote(code)}")
    return seen(f"/samples/{sample.id}")
