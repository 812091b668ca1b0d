"""Help: the glossary, the guides, the page of each method."""

from fastapi.responses import FileResponse, HTMLResponse

from app.errors import NotFound
from app.portal import glossary, guides
from app.portal.rendering import HEADERS
from app.portal.visit import CurrentVisit, portal_router
from lithoscope.methods import catalogue
from lithoscope.methods.page import page as method_page

router = portal_router()
DAY_S = 24 * 3600


@router.get("/glossary")
def show_glossary(visit: CurrentVisit) -> HTMLResponse:
    """Show what the words and quantities on the pages mean."""
    entries = sorted(glossary.entries(), key=lambda entry: entry.words[0].lower())
    parts = [
        (part, [entry for entry in entries if entry.part == part]) for part in (glossary.QUANTITIES, glossary.WORDS)
    ]
    return visit.page("help/glossary.html", parts_of=parts)


@router.get("/docs")
def list_guides(visit: CurrentVisit) -> HTMLResponse:
    """Show what can be read here."""
    methods = sorted(catalogue().values(), key=lambda method: method.title)
    return visit.page("help/list.html", shelves=guides.shelves(), methods=methods)


@router.get("/docs/{name}")
def show_guide(name: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a guide."""
    guide = guides.guide(name)
    if guide is None:
        raise NotFound
    return visit.page("help/guide.html", guide=guide, crumbs=[("/docs", "Help")], method=None)


@router.get("/docs/methods/{method_id}")
def show_method_page(method_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show everything that a method declares of itself."""
    method = catalogue().get(method_id)
    if method is None:
        raise NotFound
    return visit.page(
        "help/guide.html", guide=guides.rendered(method_page(method)), crumbs=[("/docs", "Help")], method=method
    )


@router.get("/docs/images/{name}")
def show_picture(name: str, visit: CurrentVisit) -> FileResponse:  # noqa: ARG001 - for those who may see the pages
    """Give a picture of a guide."""
    if name not in guides.pictures():
        raise NotFound
    cached = {**HEADERS, "Cache-Control": f"private, max-age={DAY_S}"}
    return FileResponse(guides.IMAGES / name, media_type="image/png", headers=cached)
