"""Exposures and dose over HTTP."""

from fastapi import Response

from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.dose.account import sample_dose
from app.lab.dose.schemas import ExposureOut, NewExposure, SampleDoseOut
from app.lab.dose.service import RecordedExposure
from app.lab.schemas import Page

router = room_router("dose")


@router.post("/samples/{sample_id}/exposures", status_code=201, operation_id="recordExposure", responses=refuses(409))
def record_exposure(
    sample_id: str, new: NewExposure, actor: CurrentActor, lab: CurrentLab, response: Response
) -> ExposureOut:
    """Append one stay of a beam; a repeated `client_event_id` answers 200 with the first."""
    entry, is_new = lab.dose.record(actor, sample_id, new)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/v1/exposures/{entry.exposure.id}"
    return _out(entry)


@router.get("/samples/{sample_id}/exposures", operation_id="listExposures", responses=refuses())
def list_exposures(sample_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[ExposureOut]:
    """List a sample's exposures, oldest first; what ancestors had before the split is marked `inherited_from`."""
    return Page(items=[_out(entry) for entry in lab.dose.history(actor, sample_id)])


@router.get("/exposures/{exposure_id}", operation_id="getExposure", responses=refuses())
def get_exposure(exposure_id: str, actor: CurrentActor, lab: CurrentLab) -> ExposureOut:
    """Return an exposure."""
    return _out(lab.dose.get(actor, exposure_id))


@router.get("/samples/{sample_id}/dose", operation_id="getSampleDose", responses=refuses())
def get_sample_dose(sample_id: str, actor: CurrentActor, lab: CurrentLab) -> SampleDoseOut:
    """Account for what beams gave a sample: each exposure, and the sums at each beam energy."""
    return sample_dose(lab.dose, sample_id, lab.dose.history(actor, sample_id))


def _out(entry: RecordedExposure) -> ExposureOut:
    exposure = entry.exposure
    own = {name: getattr(exposure, name) for name in ExposureOut.model_fields if hasattr(exposure, name)}
    place = {"superseded_by": entry.superseded_by, "inherited_from": entry.inherited_from}
    return ExposureOut.model_validate({**own, **place, "warnings": entry.warnings})
