"""Budgets and dose plans over HTTP."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request

from app.lab.budgets import streaming
from app.lab.budgets.answers import plan_out, region_budget_out
from app.lab.budgets.schemas import DosePlanOut, NewDosePlan, RegionBudgetOut
from app.lab.budgets.service import Wanted
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.event_streams import EVENT_STREAM, event_stream, wants_events
from app.lab.doors.route import REPEATABLE
from app.lab.limits.schemas import ElectronMode
from app.lab.schemas import Instant
from lithoscope.rules.dose_limits import ONSET

router = room_router("budgets")
PhaseQuery = Annotated[str, Query(min_length=1, max_length=80, description="Such as LiF")]
Criterion = Annotated[str, Query(max_length=80, description="Sign of damage; limits of different ones are never mixed")]
Rate = Annotated[
    float | None,
    Query(gt=0, le=1e12, allow_inf_nan=False, description="Seconds left are counted at it [e/(A^2 s)]"),
]
Kelvin = Annotated[float | None, Query(ge=0, le=1e5, allow_inf_nan=False, description="To come; else as latest")]
KiloVolt = Annotated[float | None, Query(gt=0, le=1e4, allow_inf_nan=False, description="To come; else as latest")]
At = Annotated[Instant | None, Query(description="Moment to add up to; now when left out")]


def _wanted(
    phase: PhaseQuery,
    criterion: Criterion = ONSET,
    rate_e_per_A2_s: Rate = None,
    temperature_K: Kelvin = None,
    *,
    beam_energy_kV: KiloVolt = None,
    mode: ElectronMode | None = None,
) -> Wanted:
    return Wanted(phase, criterion, rate_e_per_A2_s, temperature_K, beam_energy_kV=beam_energy_kV, mode=mode)


Asked = Annotated[Wanted, Depends(_wanted)]


@router.get("/regions/{region_id}/budget", operation_id="getRegionBudget", responses=refuses())
def get_region_budget(
    region_id: str, asked: Asked, actor: CurrentActor, lab: CurrentLab, at: At = None
) -> RegionBudgetOut:
    """Say what is left of a phase in a region, at its worst place, and for how long at a dose rate."""
    return region_budget_out(lab.budgets.of_region(actor, region_id, asked, at=at))


@router.get(
    "/regions/{region_id}/budget/events",
    operation_id="followRegionBudget",
    response_model=RegionBudgetOut,
    responses=refuses() | {200: {"description": "The budget each second", "content": EVENT_STREAM}},
)
def follow_region_budget(
    region_id: str,
    asked: Asked,
    request: Request,
    actor: CurrentActor,
    lab: CurrentLab,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,16}$")] = None,
) -> Any:
    """
    Follow the budget of a region while an exposure runs or a series grows there.

    Asked for text/event-stream, it sends `budget` at once and then every second, and `idle` at the end, when no
    exposure runs and no series that names the region is open; else it answers with the budget as it is. A budget is a
    state: after a break the present one follows, under an id that is later than any before.
    """
    found = lab.budgets.of_region(actor, region_id, asked)
    if not wants_events(request):
        return region_budget_out(found)
    after = int(last_event_id or 0)
    return event_stream(request, actor, streaming.events(request, region_id, asked, after=after))


@router.post("/dose-plans", operation_id="planDose", responses=refuses(), openapi_extra=REPEATABLE)
def plan_dose(new: NewDosePlan, actor: CurrentActor, lab: CurrentLab) -> DosePlanOut:
    """Say what a planned exposure would do to a phase, and the largest safe dwell, current and frames."""
    return plan_out(new, lab.budgets.plan(actor, new))
