"""Gas calibrations and titration series over HTTP."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from app.lab.doors import CurrentActor, CurrentLab, Paging, refuses, room_router
from app.lab.schemas import Page
from app.lab.titrations.schemas import (
    GasBottle,
    GasCalibrationOut,
    NewGasCalibration,
    NewTitrationSeries,
    ReadingOut,
    TitrationSeriesOut,
)

router = room_router("titrations")
PeakArea = Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]


@router.post("/gas-calibrations", status_code=201, operation_id="recordGasCalibration", responses=refuses(409))
def record_calibration(
    new: NewGasCalibration, actor: CurrentActor, lab: CurrentLab, response: Response
) -> GasCalibrationOut:
    """Record the standards of a gas chromatograph; the answer holds the line through them."""
    row = lab.titrations.record_calibration(actor, new)
    response.headers["Location"] = f"/api/v1/gas-calibrations/{row.id}"
    return GasCalibrationOut.of(row, None)


@router.get("/gas-calibrations", operation_id="listGasCalibrations", responses=refuses())
def list_calibrations(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    instrument_id: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[GasCalibrationOut]:
    """List gas calibrations, newest first."""
    rows = lab.titrations.calibrations(
        actor, instrument_id=instrument_id, before=page.cursor.before, limit=page.cursor.limit
    )
    corrected = lab.titrations.calibration_corrections(rows)
    items = [GasCalibrationOut.of(row, corrected.get(row.id)) for row in rows]
    return Page(items=items, next=page.next([row.id for row in rows]))


@router.get("/gas-calibrations/{gas_calibration_id}", operation_id="getGasCalibration", responses=refuses())
def get_calibration(gas_calibration_id: str, actor: CurrentActor, lab: CurrentLab) -> GasCalibrationOut:
    """Return a gas calibration."""
    row = lab.titrations.calibration(actor, gas_calibration_id)
    return GasCalibrationOut.of(row, lab.titrations.calibration_corrections([row]).get(row.id))


@router.get("/gas-calibrations/{gas_calibration_id}/reading", operation_id="readGasCalibration", responses=refuses())
def read_calibration(
    gas_calibration_id: str,
    actor: CurrentActor,
    lab: CurrentLab,
    area: Annotated[list[PeakArea], Query(min_length=1, max_length=50, description="Peak areas of one bottle")],
    *,
    volume_mL: Annotated[float | None, Query(ge=0.01, le=1e5)] = None,
    water_mL: Annotated[float, Query(ge=0, le=1e5)] = 0.0,
    pressure_Pa: Annotated[float, Query(ge=1, le=1e7)] = 101325.0,
    temperature_K: Annotated[float, Query(ge=1, le=1000)] = 298.15,
    is_vented: bool = False,
    area_cm2: Annotated[float | None, Query(ge=1e-6, le=1e6, description="Of the electrode")] = None,
) -> ReadingOut:
    """
    Read hydrogen, metallic lithium and charge of one bottle from a calibration; nothing is stored.

    A calibration by shares of hydrogen needs `volume_mL`; pressure and temperature are those at which the bottle was
    closed, one atmosphere and 25 °C unless stated.
    """
    bottle = None
    if volume_mL is not None:
        held = {"water_mL": water_mL, "pressure_Pa": pressure_Pa, "temperature_K": temperature_K}
        bottle = GasBottle(volume_mL=volume_mL, is_vented=is_vented, **held)
    found = lab.titrations.read(actor, gas_calibration_id, area, gas_bottle=bottle, area_cm2=area_cm2)
    return ReadingOut.model_validate(found.to_json())


@router.post("/titration-series", status_code=201, operation_id="recordTitrationSeries", responses=refuses(409))
def record_series(
    new: NewTitrationSeries, actor: CurrentActor, lab: CurrentLab, response: Response
) -> TitrationSeriesOut:
    """
    Record electrodes titrated after different times in storage.

    The answer holds the lithium of every bottle with its 90 % interval, both laws of loss with their bands, and the
    shelf life. Clocks of samples of this project, material and electrolyte follow the newest series.
    """
    row = lab.titrations.record_series(actor, new)
    response.headers["Location"] = f"/api/v1/titration-series/{row.id}"
    return TitrationSeriesOut.of(row, None)


@router.get("/titration-series", operation_id="listTitrationSeries", responses=refuses())
def list_series(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[TitrationSeriesOut]:
    """List titration series, newest first."""
    rows = lab.titrations.page(actor, project_id=project_id, before=page.cursor.before, limit=page.cursor.limit)
    corrected = lab.titrations.series_corrections(rows)
    items = [TitrationSeriesOut.of(row, corrected.get(row.id)) for row in rows]
    return Page(items=items, next=page.next([row.id for row in rows]))


@router.get("/titration-series/{series_id}", operation_id="getTitrationSeries", responses=refuses())
def get_series(series_id: str, actor: CurrentActor, lab: CurrentLab) -> TitrationSeriesOut:
    """Return a titration series."""
    row = lab.titrations.series(actor, series_id)
    return TitrationSeriesOut.of(row, lab.titrations.series_corrections([row]).get(row.id))
