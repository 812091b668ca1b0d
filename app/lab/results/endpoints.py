"""Results over HTTP."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request, Response
from fastapi.responses import FileResponse

from app.errors import PreconditionRequired
from app.infra.exports import DamagedTree, Export, ExportRefused, Exports, ExportsBusy
from app.lab.datasets.schemas import Reason, TombstoneOut
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.arrays import FILE, ArrayName, StoredArray, add_array_routes
from app.lab.doors.files import IntegrityFailure
from app.lab.doors.paging import Paging
from app.lab.doors.trees import serve_tree_file
from app.lab.results.schemas import ExportFormat, ResultOut, ResultSummaryOut
from app.lab.results.service import ConversionBusy, FormatDoesNotFit
from app.lab.schemas import Page

router = room_router("results")
DRAWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/png": {}, "image/svg+xml": {}, "image/gif": {}}}
}


@router.get("/results", operation_id="listResults", responses=refuses())
def list_results(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    sample_id: Annotated[str | None, Query(max_length=40)] = None,
    job_id: Annotated[str | None, Query(max_length=40)] = None,
    method: Annotated[str | None, Query(max_length=60)] = None,
) -> Page[ResultSummaryOut]:
    """List results, newest first."""
    rows = lab.results.page(
        actor,
        project_id=project_id,
        sample_id=sample_id,
        job_id=job_id,
        method=method,
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
    form: Literal["png", "svg", "gif"],
    lab: CurrentLab,
    request: Request,
) -> Response:
    """Return a figure as PNG or SVG, a film as GIF or its first frame as PNG."""
    return serve_tree_file(lab.house, request, output.tree, f"{output.name}.{form}")


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
) -> Response:
    """Download one output in a format it fits; knows Range."""
    result = lab.results.get(actor, result_id)
    summary = lab.results.output(result, output)
    lab.results.check_format(summary, export_format)
    stem = lab.results.download_name(result, summary["name"])
    about = {"result_id": result.id, "run_record": result.run_record}
    lab.session.rollback()  # a conversion takes long: the connection goes back first
    exports = Exports(lab.house.store, lab.house.staging / "exports")
    try:
        export = exports.file(result.store_key or "", summary, export_format, about)
    except ExportRefused as error:
        raise FormatDoesNotFit(str(error)) from None
    except ExportsBusy:
        raise ConversionBusy from None
    except DamagedTree:
        raise IntegrityFailure from None
    return _attachment(export, stem)


def _attachment(export: Export, stem: str) -> Response:
    headers = {
        "ETag": f'"{export.sha256}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": f'attachment; filename="{stem}.{export.extension}"',
    }
    return FileResponse(export.path, headers=headers, media_type="application/octet-stream")
