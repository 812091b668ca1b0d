"""Exposures and dose over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.infra.db.models import BeamRecord
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.dose.account import sample_dose
from app.lab.dose.beam_record_types import BeamRecordOut, NewBeamRecord
from app.lab.dose.of_series import SeriesExposure
from app.lab.dose.schemas import DoseCurveOut, ExposureOut, NewExposure, SampleDoseOut
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


@router.post(
    "/datasets/{dataset_id}/exposure", status_code=201, operation_id="recordDatasetExposure", responses=refuses(409)
)
def record_dataset_exposure(
    dataset_id: str, given: SeriesExposure, actor: CurrentActor, lab: CurrentLab, response: Response
) -> ExposureOut:
    """
    Append the scans of a dataset to the ledger: tilts, repeated scans and raster from its file.

    Current, dwell time, step and beam energy are taken from its header whenever the dose is asked for, and unknown
    where the header lacks them. A dataset whose exposure is on record answers 200 with it.
    """
    entry, is_new = lab.series_exposures.record(actor, dataset_id, given)
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
def get_sample_dose(
    sample_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    phase: Annotated[
        str | None, Query(max_length=40, description="What doses in Gy are of; left out: by the sample's material")
    ] = None,
) -> SampleDoseOut:
    """Account for what beams gave a sample: each exposure, the sums at each beam energy, and whether that was all."""
    return sample_dose(lab.dose, actor, sample_id, phase=phase)


@router.get("/exposures/{exposure_id}/dose-curve", operation_id="getDoseCurve", responses=refuses())
def get_dose_curve(
    exposure_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    most_rows: Annotated[int, Query(ge=2, le=10_000, description="Every n-th frame is listed beyond so many")] = 1000,
) -> DoseCurveOut:
    """List the frames of an exposure with the dose of each and the sum so far, computed from the record as it holds."""
    table = lab.dose.curve(actor, exposure_id, most_rows=most_rows)
    return DoseCurveOut(exposure_id=exposure_id, columns=table.columns, units=table.units)


@router.post("/samples/{sample_id}/beam-records", status_code=201, operation_id="recordBeam", responses=refuses(409))
def record_beam(sample_id: str, new: NewBeamRecord, actor: CurrentActor, lab: CurrentLab) -> BeamRecordOut:
    """Append what a log or a person says about the beam: it makes the dose complete, or says what is missing."""
    return _record(lab.beam_records.record(actor, sample_id, new))


@router.get("/samples/{sample_id}/beam-records", operation_id="listBeamRecords", responses=refuses())
def list_beam_records(sample_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[BeamRecordOut]:
    """List the records of the beam on a sample that stand, oldest first."""
    return Page(items=[_record(row) for row in lab.beam_records.of_sample(actor, sample_id)])


def _record(row: BeamRecord) -> BeamRecordOut:
    own = {name: getattr(row, name) for name in BeamRecordOut.model_fields}
    spans = [{"from_at": start, "to_at": end} for start, end in row.intervals]
    return BeamRecordOut.model_validate({**own, "intervals": spans})


def _out(entry: RecordedExposure) -> ExposureOut:
    exposure = entry.exposure
    own = {name: getattr(exposure, name) for name in ExposureOut.model_fields if hasattr(exposure, name)}
    place = {"superseded_by": entry.superseded_by, "inherited_from": entry.inherited_from}
    return ExposureOut.model_validate({**own, **place, "warnings": entry.warnings})
