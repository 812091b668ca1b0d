"""Datasets over HTTP."""

from functools import partial
from typing import Annotated

from fastapi import Query, Request, Response

from app.lab.datasets.looking import look
from app.lab.datasets.places import SourceChanged, bytes_of
from app.lab.datasets.repository import DatasetFilter
from app.lab.datasets.schemas import (
    DatasetChange,
    DatasetOut,
    DatasetRow,
    DatasetState,
    PlacedFileOut,
    PlaceOut,
    Reason,
    TombstoneOut,
)
from app.lab.datasets.watching import note
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, etag, refuses, room_router
from app.lab.doors.arrays import FILE, ArrayName, StoredArray, add_array_routes
from app.lab.doors.dependencies import CurrentHouse
from app.lab.doors.files import StoredFile, serve
from app.lab.doors.outputs import OmeEdition, serve_array_copy
from app.lab.doors.paging import Paging
from app.lab.instruments.schemas import Technique
from app.lab.naming import disposition
from app.lab.results.schemas import ExportFormat
from app.lab.schemas import Element, Page

router = room_router("datasets")


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
    technique: Annotated[Technique | None, Query(description="Of the instrument it came from")] = None,
    tag: Annotated[str | None, Query(max_length=40, description="A tag as it is kept: small letters")] = None,
    *,
    element: Annotated[
        Element | None, Query(description="Mapped or quantified in them, or in a result made of them; its symbol")
    ] = None,
    interim: Annotated[bool, Query(description="Series too as they were while they grew")] = False,
) -> Page[DatasetRow]:
    """List datasets without their instruments' headers, newest first; deleted ones only with `state=deleted`."""
    wanted = DatasetFilter(
        sample_id, state, kind, text=q, technique=technique, tag=tag, element=element, interim=interim
    )
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

    Refused while results made from it or custody events that name it as evidence exist. The sweeper removes the bytes
    when no other dataset shares them.
    """
    return TombstoneOut.model_validate(lab.datasets.delete(actor, dataset_id, reason, version=version))


@router.get(
    "/datasets/{dataset_id}/content",
    operation_id="getDatasetContent",
    response_class=Response,
    responses={**refuses(409, 416, 500), **FILE},
)
def get_content(dataset_id: str, actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """
    Download the bytes as received; knows Range. The ETag is their SHA-256.

    Of a file on the facility's own storage that changed since it was registered nothing is sent: 409 `source-changed`.
    """
    dataset = lab.datasets.get(actor, dataset_id)
    headers = {"Content-Disposition": disposition(lab.datasets.download_name(dataset), dataset.filename)}
    try:
        store, key = bytes_of(lab.house, dataset)
    except SourceChanged as refusal:
        if dataset.place is not None:
            note(lab.house, dataset.id, dataset.place, refusal)
        raise
    return serve(lab.house, request, StoredFile(key, dataset.sha256, headers=headers, store=store))


@router.post("/datasets/{dataset_id}/place/looks", operation_id="lookAtPlace", responses=refuses())
def look_at_place(dataset_id: str, actor: CurrentActor, house: CurrentHouse) -> PlaceOut:
    """
    Look at a registered file now, without waiting for the next round, and say how it was found.

    Size and time are compared, no byte is read: a file that was brought back with another time is `changed` until it
    is registered again, with the dataset's `sha256`. 404 for a dataset whose bytes the service holds itself.
    """
    return PlaceOut.model_validate(look(house, actor, dataset_id))


@router.get("/datasets/{dataset_id}/place/files", operation_id="listPlacedFiles", responses=refuses())
def list_placed_files(dataset_id: str, actor: CurrentActor, lab: CurrentLab) -> list[PlacedFileOut]:
    """List the files in a folder of the facility's storage that are a dataset together, 4,000 at most; else none."""
    return [PlacedFileOut.model_validate(each) for each in lab.datasets.members(lab.datasets.get(actor, dataset_id))]


def stored_array(dataset_id: str, name: ArrayName, actor: CurrentActor, lab: CurrentLab) -> StoredArray:
    """Return one array of a dataset."""
    dataset = lab.datasets.get(actor, dataset_id)
    return StoredArray(dataset.store_key, name, partial(lab.datasets.array, dataset, name))


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/download",
    operation_id="downloadDatasetArray",
    response_class=Response,
    responses={**refuses(416, 500, 503), **FILE},
)
def download_array(
    dataset_id: str,
    name: ArrayName,
    actor: CurrentActor,
    lab: CurrentLab,
    export_format: Annotated[ExportFormat, Query(alias="format")] = "ome-zarr",
    ome: Annotated[OmeEdition, Query(description="Edition of OME-Zarr; 0.4 is Zarr v2, for older readers")] = "0.5",
) -> Response:
    """Download one array of a dataset in a format it fits; knows Range."""
    return serve_array_copy(lab, lab.datasets.get(actor, dataset_id), name, export_format, edition=ome)


add_array_routes(router, "/datasets/{dataset_id}/arrays/{name}", "Dataset", stored_array)
