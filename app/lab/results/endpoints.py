"""Results over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Header, Query, Request, Response

from app.errors import PreconditionRequired
from app.lab.datasets.schemas import Reason, TombstoneOut
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.archives import ZIP, serve_archive
from app.lab.doors.arrays import FILE, ArrayName, StoredArray, add_array_routes
from app.lab.doors.outputs import (
    CITED,
    DRAWN,
    CitationFormat,
    OmeEdition,
    PictureFormat,
    address_of,
    serve_citation,
    serve_copy,
    serve_picture,
)
from app.lab.doors.paging import Paging
from app.lab.results.schemas import ExportFormat, ResultOut, ResultSummaryOut
from app.lab.schemas import Element, Page

router = room_router("results")


@router.get("/results", operation_id="listResults", responses=refuses())
def list_results(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    sample_id: Annotated[str | None, Query(max_length=40)] = None,
    job_id: Annotated[str | None, Query(max_length=40)] = None,
    method: Annotated[str | None, Query(max_length=60)] = None,
    tag: Annotated[str | None, Query(max_length=40)] = None,
    element: Annotated[Element | None, Query(description="That they map or quantify, by its symbol")] = None,
) -> Page[ResultSummaryOut]:
    """List results, newest first."""
    rows = lab.results.page(
        actor,
        project_id=project_id,
        sample_id=sample_id,
        job_id=job_id,
        method=method,
        tag=tag,
        element=element,
        before=page.cursor.before,
        limit=page.cursor.limit,
    )
    return Page(items=[ResultSummaryOut.of(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/results/{result_id}", operation_id="getResult", responses=refuses())
def get_result(result_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> ResultOut:
    """Return a result with its run record; it never changes, so the ETag is its digest."""
    result = lab.results.get(actor, result_id)
    response.headers["ETag"] = f'"{result.digest}"'
    return ResultOut.told(result, lab.house.methods)


@router.delete("/results/{result_id}", operation_id="deleteResult", responses=refuses(409, 412, 428))
def delete_result(
    result_id: str,
    reason: Annotated[Reason, Query()],
    actor: CurrentActor,
    lab: CurrentLab,
    if_match: Annotated[str | None, Header(description="ETag of the result")] = None,
) -> TombstoneOut:
    """
    Delete a result, leaving a tombstone; for stewards.

    Refused while results made from it exist. The sweeper removes the bytes when no other result shares them.
    """
    if if_match is None:
        raise PreconditionRequired
    digest = if_match.strip().strip('"')
    return TombstoneOut.model_validate(lab.results.delete(actor, result_id, digest, reason))


def stored_array(result_id: str, name: ArrayName, actor: CurrentActor, lab: CurrentLab) -> StoredArray:
    """Return one output of a result."""
    result = lab.results.get(actor, result_id)
    return StoredArray(result.store_key, name, partial(lab.results.output, result, name))


add_array_routes(router, "/results/{result_id}/outputs/{name}", "Result", stored_array)


@router.get(
    "/results/{result_id}/outputs/{name}/picture.{form}",
    operation_id="getResultPicture",
    response_class=Response,
    responses={**refuses(416, 500), **DRAWN},
)
def get_picture(
    output: Annotated[StoredArray, Depends(stored_array)],
    form: PictureFormat,
    lab: CurrentLab,
    request: Request,
) -> Response:
    """Return a figure as PNG or SVG, a film as GIF or its first frame as PNG."""
    return serve_picture(lab, request, output, form)


@router.get(
    "/results/{result_id}/citation",
    operation_id="citeResult",
    response_class=Response,
    responses={**refuses(), **CITED},
)
def cite_result(
    result_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    request: Request,
    form: Annotated[CitationFormat, Query(alias="format")] = "text",
) -> Response:
    """Say how a result is cited: who, when, of what, by which version of which method, and its digest."""
    return serve_citation(lab, request, lab.results.get(actor, result_id), form)


@router.get(
    "/results/{result_id}/archive",
    operation_id="downloadArchive",
    response_class=Response,
    responses={**refuses(), **ZIP},
)
def download_archive(result_id: str, actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """Download a whole result as a zip that is packed while it is sent: all outputs, the run record, the citation."""
    result = lab.results.get(actor, result_id)
    return serve_archive(lab, result, address_of(request, result))


@router.get(
    "/results/{result_id}/download",
    operation_id="downloadResult",
    response_class=Response,
    responses={**refuses(416, 500, 503), **FILE},
)
def download(
    result_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    export_format: Annotated[ExportFormat, Query(alias="format")],
    output: Annotated[str | None, Query(max_length=120, description="May be left out when there is only one")] = None,
    ome: Annotated[OmeEdition, Query(description="Edition of OME-Zarr; 0.4 is Zarr v2, for older readers")] = "0.5",
) -> Response:
    """Download one output in a format it fits; knows Range."""
    return serve_copy(lab, lab.results.get(actor, result_id), output, export_format, edition=ome)
