"""Voxels and parts of arrays over HTTP, alike for results and datasets."""

from app.errors import NotFound
from app.infra.ids import prefix_of
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.arrays import ArrayName
from app.lab.doors.inspection import AskedPart, AskedPlace, part_of, statistics_of, voxel_of
from app.lab.inspection.schemas import StatisticsOut, VoxelOut

router = room_router("inspection")


@router.get("/results/{result_id}/outputs/{name}/voxel", operation_id="getResultVoxel", responses=refuses(500))
def get_result_voxel(
    result_id: str, name: ArrayName, place: AskedPlace, actor: CurrentActor, lab: CurrentLab
) -> VoxelOut:
    """
    Look at one voxel of a volume, image or series: give an index along each of its axes.

    Its value as it was computed, its uncertainty where the method gave a map of it, and the job, data and dose behind.
    """
    return voxel_of(lab, actor, _of("res", result_id), name=name, place=place)


@router.get("/datasets/{dataset_id}/arrays/{name}/voxel", operation_id="getDatasetVoxel", responses=refuses(500))
def get_dataset_voxel(
    dataset_id: str, name: ArrayName, place: AskedPlace, actor: CurrentActor, lab: CurrentLab
) -> VoxelOut:
    """Look at one voxel of an array as it was read: give an index along each of its axes."""
    return voxel_of(lab, actor, _of("ds", dataset_id), name=name, place=place)


@router.get(
    "/results/{result_id}/outputs/{name}/statistics", operation_id="getResultStatistics", responses=refuses(500, 503)
)
def get_result_statistics(
    result_id: str, name: ArrayName, part: AskedPart, actor: CurrentActor, lab: CurrentLab
) -> StatisticsOut:
    """
    Sum up the stored values in a box, under a label, or in a shell below a surface; a box narrows the other two.

    Labels and depths come from an array of the same axes and lengths.
    """
    return statistics_of(lab, part_of(lab, actor, _of("res", result_id), name=name, part=part))


@router.get(
    "/datasets/{dataset_id}/arrays/{name}/statistics", operation_id="getDatasetStatistics", responses=refuses(500, 503)
)
def get_dataset_statistics(
    dataset_id: str, name: ArrayName, part: AskedPart, actor: CurrentActor, lab: CurrentLab
) -> StatisticsOut:
    """Sum up the values of an array as it was read, in a box, under a label, or in a shell below a surface."""
    return statistics_of(lab, part_of(lab, actor, _of("ds", dataset_id), name=name, part=part))


def _of(prefix: str, object_id: str) -> str:
    """Pass an identifier of this kind; another is not found here."""
    if prefix_of(object_id) != prefix:
        raise NotFound
    return object_id
