"""What programs may ask of the service, as pages."""

from fastapi.responses import HTMLResponse

from app.errors import NotFound
from app.lab.doors.dependencies import public_address
from app.portal import reference
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()


def _document(visit: Visit) -> reference.Document:
    document: reference.Document = visit.request.app.openapi()
    return document


@router.get("/api-docs")
def show_api(visit: CurrentVisit) -> HTMLResponse:
    """Show every operation, by room."""
    document = _document(visit)
    service = public_address(visit.request)
    about = document["info"]["description"]
    return visit.page("reference/list.html", rooms=reference.rooms(document), about=about, service=service)


@router.get("/api-docs/operations/{operation_id}")
def show_operation(visit: CurrentVisit, operation_id: str) -> HTMLResponse:
    """Show what one operation takes and answers."""
    found = [each for each in reference.operations(_document(visit)) if each.id == operation_id]
    if not found:
        raise NotFound
    return visit.page("reference/operation.html", operation=found[0])


@router.get("/api-docs/schemas/{schema_name}")
def show_schema(visit: CurrentVisit, schema_name: str) -> HTMLResponse:
    """Show the fields of one schema."""
    schema = _document(visit)["components"]["schemas"].get(schema_name)
    if schema is None:
        raise NotFound
    return visit.page(
        "reference/schema.html",
        schema_name=schema_name,
        schema=schema,
        fields=reference.fields_of(schema),
        kind=reference.kind_of(schema),
    )
