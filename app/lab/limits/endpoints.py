"""Critical doses over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.limits.schemas import ChoiceOut, DoseLimitOut, DoseLimits, ElectronMode, NewDoseLimit, limit_out
from app.lab.limits.service import RecordedLimit, doubts_about
from lithoscope.rules.dose_limits import ONSET, criteria

router = room_router("limits")
PhaseQuery = Annotated[str, Query(min_length=1, max_length=80, description="Such as LiF")]
Criterion = Annotated[str, Query(max_length=80, description="Sign of damage; limits of different ones are never mixed")]
Kelvin = Annotated[float, Query(ge=0, le=1e5, allow_inf_nan=False)]
KiloVolt = Annotated[float, Query(gt=0, le=1e4, allow_inf_nan=False)]
Rate = Annotated[float | None, Query(gt=0, le=1e12, allow_inf_nan=False, description="Dose rate [e/(A^2 s)]")]


@router.get("/dose-limits", operation_id="listDoseLimits", responses=refuses())
def list_dose_limits(
    _actor: CurrentActor,
    lab: CurrentLab,
    phase: Annotated[str | None, Query(max_length=80)] = None,
    with_retired: Annotated[bool, Query(description="Also rows that count no more")] = False,  # noqa: FBT002
) -> DoseLimits:
    """List critical doses: the literature's with everything their sources say, then the lab's own."""
    found = lab.limits.all(phase=phase, with_retired=with_retired)
    return DoseLimits(items=[_out(each) for each in found], criteria=criteria())


@router.post("/dose-limits", status_code=201, operation_id="createDoseLimit", responses=refuses(409))
def create_dose_limit(new: NewDoseLimit, actor: CurrentActor, lab: CurrentLab, response: Response) -> DoseLimitOut:
    """Record a critical dose the facility measured; for managers. It comes before the literature's."""
    recorded = lab.limits.create(actor, new)
    response.headers["Location"] = "/api/v1/dose-limits"
    return _out(recorded)


@router.delete("/dose-limits/{limit_id}", status_code=204, operation_id="retireDoseLimit", responses=refuses(409))
def retire_dose_limit(limit_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Let a critical dose of the facility count no more; it stays on record. For managers."""
    lab.limits.retire(actor, limit_id)


@router.get("/dose-limit-lookup", operation_id="lookUpDoseLimit", responses=refuses())
def look_up_dose_limit(
    _actor: CurrentActor,
    lab: CurrentLab,
    phase: PhaseQuery,
    temperature_K: Kelvin,
    beam_energy_kV: KiloVolt,
    mode: ElectronMode = "tem_field",
    rate_e_per_A2_s: Rate = None,
    criterion: Criterion = ONSET,
) -> ChoiceOut:
    """Return the critical dose that holds under some conditions, the reason, and what was passed over."""
    choice = lab.limits.look_up(
        phase=phase,
        temperature_K=temperature_K,
        beam_energy_kV=beam_energy_kV,
        mode=mode,
        rate_e_per_A2_s=rate_e_per_A2_s,
        criterion=criterion,
    )
    return ChoiceOut.of(choice)


def _out(recorded: RecordedLimit) -> DoseLimitOut:
    limit, row = recorded.limit, recorded.row
    if row is None:
        return limit_out(limit)
    own = {name: getattr(row, name) for name in ("supersedes_id", "retired_at", "created_by", "created_at")}
    return limit_out(limit, superseded_by=recorded.superseded_by, warnings=doubts_about(limit), **own)
