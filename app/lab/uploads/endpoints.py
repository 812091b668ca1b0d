"""Uploads over HTTP: one PUT for small files, tus 1.0.0 for all."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from app.errors import LabError
from app.infra.db.models import Upload
from app.infra.house import House
from app.infra.log import get_logger
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.datasets.schemas import DatasetOut
from app.lab.doors import CurrentActor, CurrentLab, refuses
from app.lab.doors.dependencies import CurrentHouse, house_of
from app.lab.doors.paging import Paging
from app.lab.doors.problems import problem_response
from app.lab.doors.route import API, Handler, LabRoute
from app.lab.schemas import Page
from app.lab.uploads import headers
from app.lab.uploads.receiving import Body, on_a_thread, receive
from app.lab.uploads.refusals import Gone, TooLarge, refusal_of
from app.lab.uploads.repository import UploadFilter
from app.lab.uploads.schemas import UploadOut, UploadState
from app.lab.uploads.transfer import Stand, Transfer, conclude

EXTENSIONS = "creation,checksum,termination,expiration"
_BINARY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PATCH_BINARY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {headers.PATCH_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
_finishers = ThreadPoolExecutor(1, thread_name_prefix="upload-finish")

log = get_logger(__name__)


class TusRoute(LabRoute):
    """A LabRoute whose answers say which tus they follow."""

    def get_route_handler(self) -> Handler:
        """Stamp answers and refusals."""
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await original(request)
            except LabError as error:
                response = problem_response(request, error)
            response.headers["Tus-Resumable"] = headers.TUS_VERSION
            return response

        return handle


router = APIRouter(tags=["uploads"], prefix=API, route_class=TusRoute)


@router.options("/uploads", status_code=204, operation_id="describeUploads", responses=refuses())
def describe_uploads(house: CurrentHouse) -> Response:
    """Say which parts of tus 1.0.0 are spoken."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": headers.TUS_VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Checksum-Algorithm": "sha256",
            "Tus-Max-Size": str(house.settings.upload_limit_bytes),
        },
    )


@router.put(
    "/uploads",
    status_code=201,
    operation_id="uploadFile",
    response_model=DatasetOut,
    responses={200: {"model": DatasetOut}, **refuses(408, 409, 411, 413, 415, 507)},
    openapi_extra=_BINARY,
)
async def upload_file(
    request: Request,
    actor: CurrentActor,
    project_id: Annotated[str, Query(max_length=40)],
    filename: Annotated[str, Query(max_length=1024)],
    sample_id: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """
    Send a small file whole, with `Content-Digest: sha-256=:BASE64:`; larger ones go by tus (POST here).

    Repeating it is safe: bytes the project holds already answer 200 with their dataset.
    """
    house = house_of(request)
    headers.check_media_type(request.headers.get("content-type"))
    size = headers.body_length(request.headers.get("content-length"))
    if size > house.settings.single_put_limit_bytes:
        limit = house.settings.single_put_limit_bytes
        raise TooLarge(f"One PUT takes {limit} bytes: send larger files by tus (POST /api/v1/uploads).")
    new = headers.new_upload(
        size=size,
        project_id=project_id,
        filename=filename,
        sample_id=sample_id,
        sha256=headers.content_digest(request.headers.get("content-digest")),
        attributes={},
    )
    transfer = await on_a_thread(partial(Transfer.of_put, house, actor, new))
    try:
        stand = await receive(_body(request), transfer)
    except ClientDisconnect:
        return Response(status_code=400)
    return await on_a_thread(partial(_answer_put, house, stand))


def _answer_put(house: House, stand: Stand) -> Response:
    upload = _settled(conclude(house, stand))
    with house.database.reading() as session:
        dataset = Lab(house, session).datasets.get(SYSTEM, upload.dataset_id or "")
    body = DatasetOut.model_validate(dataset).model_dump(mode="json")
    found = {"Location": f"/api/v1/datasets/{dataset.id}", "ETag": f'"{dataset.version}"'}
    return JSONResponse(body, 201 if dataset.upload_id == upload.id else 200, headers=found)


def _settled(upload: Upload) -> Upload:
    """Pass an upload that did not fail."""
    if upload.state == "failed":
        raise refusal_of(upload.problem or {})
    return upload


def _body(request: Request) -> Body:
    return Body(request.receive, pause_s=house_of(request).settings.heartbeat_s)


@router.post("/uploads", status_code=201, operation_id="beginUpload", responses=refuses(409, 412, 413, 415, 507))
def begin_upload(actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """
    Begin a resumable upload (tus creation).

    `Upload-Length` is its size; `Upload-Metadata` carries filename, project_id and optionally sample_id, sha256
    (hexadecimal) and attributes (a JSON object), each in base64.
    """
    headers.check_tus(request.headers.get("tus-resumable"))
    headers.check_media_type(request.headers.get("content-type"))
    size = headers.whole_number(request.headers.get("upload-length"), "Upload-Length")
    new = headers.upload_metadata(request.headers.get("upload-metadata"), size)
    upload = lab.uploads.begin(actor, new)
    found = {"Location": f"/api/v1/uploads/{upload.id}", "Upload-Expires": _http_date(upload.expires_at)}
    return Response(status_code=201, headers=found)


@router.get("/uploads", operation_id="listUploads", responses=refuses())
def list_uploads(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    size_bytes: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    state: UploadState | None = None,
) -> Page[UploadOut]:
    """
    List one's own uploads, newest first; a device's are those of its instrument.

    With `size_bytes` and `state=verified` a sender that forgot what it sent learns whether a file may be here already.
    """
    wanted = UploadFilter(size_bytes=size_bytes, state=state)
    rows = lab.uploads.own(actor, wanted, before=page.cursor.before, limit=page.cursor.limit)
    return Page(items=[UploadOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/uploads/{upload_id}", operation_id="getUpload", responses=refuses())
def get_upload(upload_id: str, actor: CurrentActor, lab: CurrentLab) -> UploadOut:
    """Return an upload's state; `dataset_id` appears once its bytes are verified."""
    return UploadOut.model_validate(lab.uploads.get(actor, upload_id))


@router.head("/uploads/{upload_id}", operation_id="getUploadOffset", responses=refuses(410, 412))
def get_offset(upload_id: str, actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """Say where an upload stands (tus)."""
    headers.check_tus(request.headers.get("tus-resumable"))
    upload = lab.uploads.get(actor, upload_id)
    if upload.state in {"failed", "terminated", "expired"}:
        raise Gone(upload.state)
    return Response(headers={**_offset_headers(upload), "Upload-Length": str(upload.size_bytes)})


def _offset_headers(upload: Upload) -> dict[str, str]:
    found = {"Upload-Offset": str(upload.offset_bytes), "Cache-Control": "no-store"}
    if upload.state == "receiving":
        found["Upload-Expires"] = _http_date(upload.expires_at)
    return found


@router.patch(
    "/uploads/{upload_id}",
    status_code=204,
    operation_id="continueUpload",
    responses=refuses(408, 409, 410, 412, 413, 415, 423, 460, 507),
    openapi_extra=_PATCH_BINARY,
)
async def continue_upload(upload_id: str, request: Request, actor: CurrentActor) -> Response:
    """
    Send bytes from `Upload-Offset` on (tus).

    With `Upload-Checksum: sha256 BASE64` at most 64 MiB, kept whole or not at all (460). Without one, what was made
    durable stays when the connection breaks: ask HEAD and go on. A 204 means: on disk and recorded.

    `Repr-Digest: sha-256=:BASE64:` (RFC 9530) is that of the whole file, usually sent with its last piece: other bytes
    than these end the upload and are never published.
    """
    house = house_of(request)
    headers.check_tus(request.headers.get("tus-resumable"))
    headers.check_media_type(request.headers.get("content-type"), only=headers.PATCH_TYPE)
    length = request.headers.get("content-length")
    begin = partial(
        Transfer.of_patch,
        house,
        actor,
        upload_id,
        offset=headers.whole_number(request.headers.get("upload-offset"), "Upload-Offset"),
        length=None if length is None else headers.whole_number(length, "Content-Length"),
        checksum=headers.upload_checksum(request.headers.get("upload-checksum")),
        sha256=headers.content_digest(request.headers.get("repr-digest"), "Repr-Digest"),
    )
    transfer = await on_a_thread(begin)
    try:
        stand = await receive(_body(request), transfer)
    except ClientDisconnect:
        return Response(status_code=400)
    upload = await on_a_thread(partial(_after_patch, house, stand))
    return Response(status_code=204, headers=_offset_headers(upload))


def _after_patch(house: House, stand: Stand) -> Upload:
    """Finish at once what is quickly finished; a file that must be read again is verified beside the requests."""
    if stand.is_complete and stand.digest_known:
        return _settled(conclude(house, stand))
    if stand.is_complete:
        _finishers.submit(conclude, house, stand).add_done_callback(_report)
    return stand.upload


def _report(outcome: Future[Upload]) -> None:
    if error := outcome.exception():
        log.error("verification put off to the sweeper", exc_info=error)


@router.delete("/uploads/{upload_id}", status_code=204, operation_id="terminateUpload", responses=refuses(410, 412))
def terminate_upload(upload_id: str, actor: CurrentActor, lab: CurrentLab, request: Request) -> Response:
    """End an upload and drop its bytes (tus termination)."""
    headers.check_tus(request.headers.get("tus-resumable"))
    lab.uploads.terminate(actor, upload_id)
    return Response(status_code=204)


def _http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)
