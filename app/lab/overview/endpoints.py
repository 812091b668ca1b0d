"""The overview over HTTP."""

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.overview.schemas import OverviewOut

router = room_router("overview")


@router.get("/overview", operation_id="getOverview", responses=refuses())
def get_overview(actor: CurrentActor, lab: CurrentLab) -> OverviewOut:
    """Return what runs, what failed and why, regions near their limit, instruments, queues and space."""
    return OverviewOut.of(lab.overview.of(actor))
