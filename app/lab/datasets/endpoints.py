"""Datasets over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response

from app.infra.storage import blob_key
from app.lab.datasets.repository import DatasetFilter
from app.lab.datasets.schemas import DatasetChange, DatasetOut, DatasetRow, DatasetState, Reason, TombstoneOut
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, etag, refuses, room_router
from app.lab.doors.files import StoredFile, serve
from app.lab.doors.paging import Paging
from app.lab.doors.spectra import MAP, Energy, Index, SpectrumOut, energy_map, spectrum_of
from app.lab.doors.trees import array_path, serve_tree_file, slice_path
from app.lab.naming import disposition
from app.lab.schemas import Page

router = room_router("datasets")
ArrayName = Annotated[str, Path(max_length=120)]
BYTES: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes", **BYTES},
    206: {"description": "A range of the bytes", **BYTES},
}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"description": "The picture", "content": {"image/png": {}}}}


@router.get("/datasets", operation_id="listDatasets", responses=refuses())
def list_datasets(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    sample_id: Annotated[str | None, Query(max_length=40)] = None,
    state: DatasetState | None = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in the file name or SHA-256")] = None,
) -> Page[DatasetRow]:
    """List datasets without their instruments' headers, newest first; deleted ones only with `state=deleted`."""
    wanted = DatasetFilter(sample_id=sample_id, state=state, kind=kind, text=q)
    rows = lab.datasets.page(
        actor, project_id=project_id, wanted=wanted, before=page.cursor.before, limit=page.cursor.limit
    )
    return Page(items=[DatasetRow.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/datasets/{dataset_id}", operation_id="getDataset", responses=refuses())
def get_dataset(dataset_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> DatasetOut:
    """Return a dataset."""
    dataset = lab.datasets.get(actor, dataset_id)
    etag(response, dataset.version)
    return DatasetOut.model_validate(dataset)


@router.patch("/datasets/{dataset_id}", operation_id="changeDataset", responses=refuses(409, 412, 428))
def change_dataset(
    dataset_id: str, change: DatasetChange, version: IfMatch, actor: CurrentActor, lab: CurrentLab, response: Response
) -> DatasetOut:
    """
    Set calibration values a person vouches for; previous values stay in `calibration_history`.

    The file is read again with them; until then the dataset is `verified`.
    """
    dataset = lab.calibration.correct(actor, dataset_id, version, change)
    etag(response, dataset.version)
    return DatasetOut.model_validate(dataset)


@router.delete("/datasets/{dataset_id}", operation_id="deleteDataset", responses=refuses(409, 412, 428))
def delete_dataset(
    dataset_id: str, reason: Annotated[Reason, Query()], version: IfMatch, actor: CurrentActor, lab: CurrentLab
) -> TombstoneOut:
    """
    Delete a dataset, leaving a tombstone; for stewards.

    Refused while results made from it exist. The sweeper removes the bytes when no other dataset shares them.
    """
    return TombstoneOut.model_validate(lab.datasets.delete(actor, dataset_id, reason, version=version))


@router.get(
    "/datasets/{dataset_id}/content",
    operation_id="getDatasetContent",
    response_class=Response,
    responses={**refuses(416, 500), **FILE},
)
def get_content(dataset_id: str, actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """Download the bytes as received; knows Range. The ETag is their SHA-256."""
    dataset = lab.datasets.get(actor, dataset_id)
    headers = {"Content-Disposition": disposition(lab.datasets.download_name(dataset), dataset.filename)}
    return serve(lab.house, request, StoredFile(blob_key(dataset.sha256), dataset.sha256, headers=headers))


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/zarr/{path:path}",
    operation_id="getDatasetChunk",
    response_class=Response,
    responses={**refuses(416, 500), **FILE},
)
def get_chunk(
    dataset_id: str, name: ArrayName, path: str, actor: CurrentActor, lab: CurrentLab, request: Request
) -> Response:
    """Return one file of an array's OME-Zarr group; a chunk that is not found holds the fill value."""
    dataset = lab.datasets.get(actor, dataset_id)
    return serve_tree_file(lab.house, request, dataset.store_key, array_path(name, path))


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/slices/{axis}.png",
    operation_id="getDatasetSlice",
    response_class=Response,
    responses={**refuses(500), **PICTURE},
)
def get_slice(
    dataset_id: str,
    name: ArrayName,
    axis: Literal["z", "y", "x", "t", "e"],
    actor: CurrentActor,
    lab: CurrentLab,
    request: Request,
) -> Response:
    """Return the picture of an array's middle slice across an axis."""
    dataset = lab.datasets.get(actor, dataset_id)
    return serve_tree_file(lab.house, request, dataset.store_key, slice_path(name, axis))


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/table",
    operation_id="getDatasetTable",
    response_class=Response,
    responses={**refuses(500), 200: {"description": "Columns and their units", "content": {"application/json": {}}}},
)
def get_table(dataset_id: str, name: ArrayName, actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """Return the columns of a table and their units as JSON."""
    dataset = lab.datasets.get(actor, dataset_id)
    return serve_tree_file(lab.house, request, dataset.store_key, f"{name}.json")


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/spectrum", operation_id="getDatasetSpectrum", responses=refuses(500, 503)
)
def get_spectrum(
    dataset_id: str,
    name: ArrayName,
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
    dataset = lab.datasets.get(actor, dataset_id)
    summary = lab.datasets.array(dataset, name)
    tree = dataset.store_key
    lab.session.rollback()  # a sum takes long: the connection goes back first
    return spectrum_of(lab.house, tree, summary, {"t": t, "y": y, "x": x})


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/energy-map",
    operation_id="getDatasetEnergyMap",
    response_class=Response,
    responses={**refuses(500, 503), **MAP},
)
def get_energy_map(
    dataset_id: str,
    name: ArrayName,
    actor: CurrentActor,
    lab: CurrentLab,
    request: Request,
    t: Index = None,
    low_eV: Energy = None,
    high_eV: Energy = None,
) -> Response:
    """Return every pixel's counts summed over a window of energies, all of them without a window."""
    dataset = lab.datasets.get(actor, dataset_id)
    summary = lab.datasets.array(dataset, name)
    tree = dataset.store_key
    lab.session.rollback()
    return energy_map(lab.house, request, tree, summary, tilt=t, low_eV=low_eV, high_eV=high_eV)
