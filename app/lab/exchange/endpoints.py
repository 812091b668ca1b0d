"""Exports and imports over HTTP."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.dependencies import CurrentHouse, public_address
from app.lab.doors.files import ATTACHMENT
from app.lab.doors.paging import Paging
from app.lab.exchange import packing
from app.lab.exchange.importing import import_crate
from app.lab.exchange.records import Records
from app.lab.exchange.schemas import (
    Absent,
    Edition,
    ExportForm,
    ImportAnswer,
    ImportOut,
    NewImport,
    OriginOut,
)
from app.lab.schemas import Page

router = room_router("exchange")

Licence = Annotated[
    str,
    Query(
        max_length=300, pattern=r"^$|^https?://[!-~]+$", description="Address of the licence; none stated when left out"
    ),
]
EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The export",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("application/zip", "application/vnd.eln+zip", "application/json", "application/x-hdf5")
        },
    }
}


@router.get(
    "/exports/{object_id}",
    operation_id="exportObject",
    response_class=Response,
    responses={**refuses(409, 500, 503), **EXPORTED},
)
def export_object(
    object_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    request: Request,
    export_format: Annotated[ExportForm, Query(alias="format")] = "ro-crate",
    crate: Annotated[Edition, Query(description="Edition of RO-Crate")] = "1.3",
    licence: Licence = "",
    absent: Annotated[
        Absent, Query(description="What a crate does about files that are not on the storage")
    ] = "refuse",
) -> Response:
    """
    Export a sample, dataset, result or project with all it came from and what was done to it.

    Where a registered file on the facility's storage is missing or changed, a crate is refused before its first byte:
    `errors` names every such file. With `absent=leave-out` the crate is packed without them and says so.

    A crate is packed while it is sent, each file held against its SHA-256: where one does not match the answer breaks
    off, and the zip has no end. The same content gives the same bytes.
    """
    records = lab.exchange.records(actor, object_id)
    criticals = lab.exchange.critical_doses(records) if export_format == "nexus" else {}
    lab.session.rollback()  # packing takes long: the connection goes back first
    if export_format == "prov":
        return _attached(packing.provenance_of(records), records, "application/json", "prov.json")
    if export_format == "nexus":
        return _attached(packing.nexus_of(lab.house, records, criticals), records, "application/x-hdf5", "nxs")
    if export_format == "csv":
        return _streamed(packing.tables_of(records), records, "application/zip", "tables.zip")
    made = packing.crate_of(
        lab.house,
        records,
        edition=crate,
        address=public_address(request),
        licence=licence,
        leave_out=absent == "leave-out",
    )
    if export_format == "eln":
        pieces = packing.crate_pieces(lab.house, made, root=_stem(records))
        return _streamed(pieces, records, "application/vnd.eln+zip", "eln")
    return _streamed(packing.crate_pieces(lab.house, made), records, "application/zip", "crate.zip")


def _stem(records: Records) -> str:
    return f"lithoscope-{records.target}"


def _headers(records: Records, extension: str) -> dict[str, str]:
    return {**ATTACHMENT, "Content-Disposition": f'attachment; filename="{_stem(records)}.{extension}"'}


def _attached(content: bytes, records: Records, media_type: str, extension: str) -> Response:
    return Response(content, media_type=media_type, headers=_headers(records, extension))


def _streamed(pieces: Any, records: Records, media_type: str, extension: str) -> Response:
    return StreamingResponse(pieces, media_type=media_type, headers=_headers(records, extension))


@router.post(
    "/imports",
    status_code=201,
    operation_id="importCrate",
    responses={200: {"model": ImportAnswer}, **refuses(409, 413, 503)},
)
def begin_import(new: NewImport, actor: CurrentActor, house: CurrentHouse) -> ImportAnswer:
    """
    Take in a crate that was sent as a dataset of the project; for stewards.

    One that a Lithoscope wrote gives samples, events, exposures, datasets, jobs, results and lineage back under new
    identifiers, with the same digests. Of one by another program the files become datasets. `is_rehearsal` tells what
    would come.
    """
    return import_crate(house, actor, new)


@router.get("/imports", operation_id="listImports", responses=refuses())
def list_imports(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[ImportOut]:
    """List crates that were taken in, newest first."""
    rows = lab.exchange.page(actor, project_id=project_id, before=page.cursor.before, limit=page.cursor.limit)
    return Page(items=[ImportOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/imports/{import_id}", operation_id="getImport", responses=refuses())
def get_import(import_id: str, actor: CurrentActor, lab: CurrentLab) -> ImportOut:
    """Return a crate that was taken in."""
    return ImportOut.model_validate(lab.exchange.get(actor, import_id))


@router.get("/origins/{object_id}", operation_id="getOrigin", responses=refuses())
def get_origin(object_id: str, actor: CurrentActor, lab: CurrentLab) -> OriginOut:
    """Say where a thing came from that was taken in with a crate; 404 for what was made here."""
    origin = lab.exchange.origin(actor, object_id)
    crate = origin.crate
    return OriginOut(
        object_id=origin.object_id,
        origin_id=origin.origin_id,
        import_id=crate.id,
        origin=crate.origin,
        project=str(crate.record["project"].get("title", "")),
        title=crate.title,
    )
