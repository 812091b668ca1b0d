"""Provenance over HTTP."""

from typing import Annotated

from fastapi import Path, Query

from app.infra.exports import DamagedTree
from app.lab.doors import CurrentActor, CurrentLab, Paging, refuses, room_router
from app.lab.doors.files import IntegrityFailure
from app.lab.provenance.schemas import LaterResultsOut, ProvenanceOut

router = room_router("lineage")


@router.get("/results/{result_id}/outputs/{name}/provenance", operation_id="getProvenance", responses=refuses(500))
def get_provenance(
    result_id: str,
    name: Annotated[str, Path(max_length=120)],
    actor: CurrentActor,
    lab: CurrentLab,
    voxel: Annotated[
        str | None, Query(max_length=80, description="Index along each axis of the output: `z,y,x`")
    ] = None,
    label: Annotated[int | None, Query(ge=0, le=2**53, description="A label of a segmentation")] = None,
) -> ProvenanceOut:
    """
    Say where a voxel, a label or a number comes from.

    Its value, the runs and raw datasets it was computed from, the exposures and what beams had given the sample before
    each, the custody events before them (inherited ones too, corrected ones left out) and the cell.
    """
    try:
        return lab.provenance.of_number(actor, result_id, name, voxel=voxel, label=label)
    except DamagedTree:
        raise IntegrityFailure from None


@router.get("/events/{event_id}/results", operation_id="listResultsAfterEvent", responses=refuses())
def list_results_after(event_id: str, actor: CurrentActor, lab: CurrentLab, page: Paging) -> LaterResultsOut:
    """List the results of data taken after a custody event, newest first; children of its sample are included."""
    found = lab.provenance.results_after(actor, event_id, before=page.cursor.before, limit=page.cursor.limit)
    return found.model_copy(update={"next": page.next([item.result_id for item in found.items])})
