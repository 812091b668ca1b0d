"""Results over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Header, Path, Query, Request, Response
from fastapi.responses import FileResponse

from app.errors import PreconditionRequired
from app.infra.exports import DamagedTree, Export, ExportRefused, Exports, ExportsBusy
from app.lab.datasets.schemas import Reason, TombstoneOut
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.files import IntegrityFailure
from app.lab.doors.paging import Paging
from app.lab.doors.spectra import MAP, Energy, Index, SpectrumOut, energy_map, spectrum_of
from app.lab.doors.trees import array_path, serve_tree_file, slice_path
from app.lab.results.schemas import ExportFormat, ResultOut, ResultSummaryOut
from app.lab.results.service import ConversionBusy, FormatDoesNotFit
from app.lab.schemas import Page

router = room_router("results")
OutputName = Annotated[str, Path(max_length=120)]
BYTES = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes", **BYTES},
    206: {"description": "A range of the bytes", **BYTES},
}
DRAWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/png": {}, "image/svg+xml": {}, "image/gif": {}}}
}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"description": "The picture", "content": {"image/png": {}}}}


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


@router.get(
    "/results/{result_id}/outputs/{name}/zarr/{path:path}",
    operation_id="getResultChunk",
    response_class=Response,
    responses={**refuses(416, 500), **FILE},
)
def get_chunk(
    result_id: str, name: OutputName, path: str, actor: CurrentActor, lab: CurrentLab, request: Request
) -> Response:
    """Return one file of an output's OME-Zarr group; a chunk that is not found holds the fill value."""
    result = lab.results.get(actor, result_id)
    return serve_tree_file(lab.house, request, result.store_key, array_path(name, path))


@router.get(
    "/results/{result_id}/outputs/{name}/slices/{axis}.png",
    operation_id="getResultSlice",
    response_class=Response,
    responses={**refuses(500), **PICTURE},
)
def get_slice(
    result_id: str,
    name: OutputName,
    axis: Literal["z", "y", "x", "t", "e"],
    actor: CurrentActor,
    lab: CurrentLab,
    request: Request,
) -> Response:
    """Return the picture of an output's middle slice across an axis."""
    result = lab.results.get(actor, result_id)
    return serve_tree_file(lab.house, request, result.store_key, slice_path(name, axis))


@router.get(
    "/results/{result_id}/outputs/{name}/picture.{form}",
    operation_id="getResultPicture",
    response_class=Response,
    responses={**refuses(416, 500), **DRAWN},
)
def get_picture(
    result_id: str,
    name: OutputName,
    form: Literal["png", "svg", "gif"],
    actor: CurrentActor,
    lab: CurrentLab,
    request: Request,
) -> Response:
    """Return a figure as PNG or SVG, a film as GIF or its first frame as PNG."""
    result = lab.results.get(actor, result_id)
    return serve_tree_file(lab.house, request, result.store_key, f"{name}.{form}")


@router.get(
    "/results/{result_id}/outputs/{name}/table",
    operation_id="getResultTable",
    response_class=Response,
    responses={**refuses(500), 200: {"description": "Columns and their units", "content": {"application/json": {}}}},
)
def get_table(result_id: str, name: OutputName, actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """Return a table's columns and their units as JSON."""
    result = lab.results.get(actor, result_id)
    return serve_tree_file(lab.house, request, result.store_key, f"{name}.json")


@router.get(
    "/results/{result_id}/outputs/{name}/spectrum", operation_id="getResultSpectrum", responses=refuses(500, 503)
)
def get_spectrum(
    result_id: str,
    name: OutputName,
    actor: CurrentActor,
    lab: CurrentLab,
    t: Index = None,
    y: Index = None,
    x: Index = None,
) -> SpectrumOut:
    """
    Return the spectrum of one pixel, of which only that pixel is read; without a pixel the mean of all.

    Of a tilt series without `t` it is the tilt nearest to zero.
    """
    result = lab.results.get(actor, result_id)
    summary = lab.results.output(result, name)
    tree = result.store_key
    lab.session.rollback()  # a sum takes long: the connection goes back first
    return spectrum_of(lab.house, tree, summary, {"t": t, "y": y, "x": x})


@router.get(
    "/results/{result_id}/outputs/{name}/energy-map",
    operation_id="getResultEnergyMap",
    response_class=Response,
    responses={**refuses(500, 503), **MAP},
)
def get_energy_map(
    result_id: str,
    name: OutputName,
    actor: CurrentActor,
    lab: CurrentLab,
    request: Request,
    t: Index = None,
    low_eV: Energy = None,
    high_eV: Energy = None,
) -> Response:
    """Return every pixel's counts summed over a window of energies, all of them without a window."""
    result = lab.results.get(actor, result_id)
    summary = lab.results.output(result, name)
    tree = result.store_key
    lab.session.rollback()
    return energy_map(lab.house, request, tree, summary, tilt=t, low_eV=low_eV, high_eV=high_eV)


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
