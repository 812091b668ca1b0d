"""Disk and quotas over HTTP."""

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.schemas import Page
from app.lab.space.schemas import KindSpaceOut, ProjectSpaceOut, SpaceOut

router = room_router("space")


@router.get("/space", operation_id="getSpace", responses=refuses())
def get_space(actor: CurrentActor, lab: CurrentLab) -> SpaceOut:
    """Say how full the disk is and of what, as a worker last counted; for managers and administrators."""
    disk = lab.space.disk(actor)
    kinds = [KindSpaceOut.model_validate(row) for row in lab.space.kinds(actor)]
    return SpaceOut(
        total_bytes=disk.total_bytes,
        free_bytes=disk.free_bytes,
        reserve_bytes=disk.reserve_bytes,
        level=disk.level,
        store=disk.store,
        kinds=kinds,
    )


@router.get("/project-spaces", operation_id="listProjectSpaces", responses=refuses())
def list_project_spaces(actor: CurrentActor, lab: CurrentLab) -> Page[ProjectSpaceOut]:
    """List what each of one's projects takes of its quota, the fullest first."""
    return Page(items=[ProjectSpaceOut.of(row) for row in lab.space.projects(actor)])
