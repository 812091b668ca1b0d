"""Voxels and parts of arrays over HTTP, alike for members and reviewers."""

from typing import Annotated

from fastapi import Depends, Query

from app.infra.exports import DamagedTree
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.doors.files import IntegrityFailure
from app.lab.doors.spectra import Index
from app.lab.inspection.asking import Wanted
from app.lab.inspection.schemas import StatisticsOut, VoxelOut
from app.lab.inspection.selecting import Part


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


AskedPlace = Annotated[dict[str, int | None], Depends(_place)]
AskedPart = Annotated[Wanted, Depends(_wanted)]


def voxel_of(lab: Lab, actor: Actor, object_id: str, *, name: str, place: dict[str, int | None]) -> VoxelOut:
    """Look at one voxel of an array of a result or dataset."""
    try:
        return lab.inspection.voxel(actor, object_id, name, place)
    except DamagedTree:
        raise IntegrityFailure from None


def part_of(lab: Lab, actor: Actor, object_id: str, *, name: str, part: Wanted) -> Part:
    """Find a part of an array of a result or dataset."""
    try:
        return lab.inspection.part(actor, object_id, name, part)
    except DamagedTree:
        raise IntegrityFailure from None


def statistics_of(lab: Lab, part: Part) -> StatisticsOut:
    """Sum up the values of a part."""
    lab.session.rollback()  # summing takes long: the connection goes back first
    try:
        return part.statistics()
    except DamagedTree:
        raise IntegrityFailure from None
