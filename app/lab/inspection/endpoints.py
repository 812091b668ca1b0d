"""Voxels and parts of arrays over HTTP, alike for results and datasets."""

from typing import Annotated

from fastapi import Depends, Query

from app.errors import NotFound
from app.infra.exports import DamagedTree
from app.infra.ids import prefix_of
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.arrays import ArrayName
from app.lab.doors.files import IntegrityFailure
from app.lab.doors.spectra import Index
from app.lab.inspection.asking import Wanted
from app.lab.inspection.schemas import StatisticsOut, VoxelOut

router = room_router("inspection")


def _place(
    *, z: Index = None, y: Index = None, x: Index = None, c: Index = None, t: Index = None
) -> dict[str, int | None]:
    """Return the index along each axis that is given."""
    return {"z": z, "y": y, "x": x, "c": c, "t": t}


def _wanted(
    *,
    box: Annotated[
        str | None, Query(max_length=120, description="`z0,z1,y0,y1,x0,x1`: begin and end along each axis but c")
    ] = None,
    shell: Annotated[
        str | None, Query(max_length=60, description="`from,to`: depths below the surface [nm], the second excluded")
    ] = None,
    label: Annotated[int | None, Query(ge=0, le=2**53, description="A label of a segmentation")] = None,
    by: Annotated[
        str | None,
        Query(max_length=170, description="`RESULT/NAME` that holds labels or depths; left out: the one beside it"),
    ] = None,
    c: Index = None,
) -> Wanted:
    """Return the part that is asked for."""
    return Wanted(box=box, shell=shell, label=label, by=by, channel=c)


Place = Annotated[dict[str, int | None], Depends(_place)]
Part = Annotated[Wanted, Depends(_wanted)]


@router.get("/results/{result_id}/outputs/{name}/voxel", operation_id="getResultVoxel", responses=refuses(500))
def get_result_voxel(result_id: str, name: ArrayName, place: Place, actor: CurrentActor, lab: CurrentLab) -> VoxelOut:
    """
    Look at one voxel of a volume, image or series: give an index along each of its axes.

    Its value as it was computed, its uncertainty where the method gave a map of it, and the job, data and dose behind.
    """
    return _voxel(lab, actor, _of("res", result_id), name=name, place=place)


@router.get("/datasets/{dataset_id}/arrays/{name}/voxel", operation_id="getDatasetVoxel", responses=refuses(500))
def get_dataset_voxel(dataset_id: str, name: ArrayName, place: Place, actor: CurrentActor, lab: CurrentLab) -> VoxelOut:
    """Look at one voxel of an array as it was read: give an index along each of its axes."""
    return _voxel(lab, actor, _of("ds", dataset_id), name=name, place=place)


@router.get(
    "/results/{result_id}/outputs/{name}/statistics", operation_id="getResultStatistics", responses=refuses(500, 503)
)
def get_result_statistics(
    result_id: str, name: ArrayName, part: Part, actor: CurrentActor, lab: CurrentLab
) -> StatisticsOut:
    """
    Sum up the stored values in a box, under a label, or in a shell below a surface; a box narrows the other two.

    Labels and depths come from an array of the same axes and lengths.
    """
    return _statistics(lab, actor, _of("res", result_id), name=name, part=part)


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/statistics", operation_id="getDatasetStatistics", responses=refuses(500, 503)
)
def get_dataset_statistics(
    dataset_id: str, name: ArrayName, part: Part, actor: CurrentActor, lab: CurrentLab
) -> StatisticsOut:
    """Sum up the values of an array as it was read, in a box, under a label, or in a shell below a surface."""
    return _statistics(lab, actor, _of("ds", dataset_id), name=name, part=part)


def _of(prefix: str, object_id: str) -> str:
    """Pass an identifier of this kind; another is not found here."""
    if prefix_of(object_id) != prefix:
        raise NotFound
    return object_id


def _voxel(
    lab: CurrentLab, actor: CurrentActor, object_id: str, *, name: str, place: dict[str, int | None]
) -> VoxelOut:
    try:
        return lab.inspection.voxel(actor, object_id, name, place)
    except DamagedTree:
        raise IntegrityFailure from None


def _statistics(lab: CurrentLab, actor: CurrentActor, object_id: str, *, name: str, part: Wanted) -> StatisticsOut:
    try:
        found = lab.inspection.part(actor, object_id, name, part)
        lab.session.rollback()  # summing takes long: the connection goes back first
        return found.statistics()
    except DamagedTree:
        raise IntegrityFailure from None
