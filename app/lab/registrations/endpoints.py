"""Registering files where they lie, over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.dependencies import CurrentHouse
from app.lab.registrations.looking import looked_at
from app.lab.registrations.schemas import NewRegistration, RootOut
from app.lab.uploads.schemas import UploadOut

router = room_router("registrations")


@router.post(
    "/registrations",
    status_code=202,
    operation_id="registerFile",
    responses={200: {"model": UploadOut}, **refuses(409, 429)},
)
def register_file(
    new: NewRegistration, actor: CurrentActor, house: CurrentHouse, lab: CurrentLab, response: Response
) -> UploadOut:
    """
    Register a file that lies on the facility's storage; nothing of it is copied, changed or deleted.

    A worker hashes it where it lies: follow the upload (`Location`) until it is `verified`; `offset_bytes` is how much
    was hashed. A file registered before and not written since answers 200 with its registration.

    A folder, or a file with `members` beside it, is one dataset of at most 4,000 files: its `sha256` is that of the
    archive that only stores them, in which they are downloaded, and each is hashed and watched. Links, hidden files
    and folders in it are no members.
    """
    upload, is_new = lab.registrations.register(actor, new, looked_at(house, actor, new))
    response.headers["Location"] = f"/api/v1/uploads/{upload.id}"
    response.status_code = 202 if is_new else 200
    return UploadOut.model_validate(upload)


@router.get("/registration-roots", operation_id="listRegistrationRoots", responses=refuses())
def list_roots(
    project_id: Annotated[str, Query(max_length=40)], actor: CurrentActor, house: CurrentHouse, lab: CurrentLab
) -> list[RootOut]:
    """List the roots of the facility's storage whose files may be registered in a project; often there is none."""
    names = lab.registrations.roots(actor, project_id)
    return [RootOut(name=name, is_reachable=house.places.is_reachable(name)) for name in names]
