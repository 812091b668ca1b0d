"""What a dataset looks like from outside."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from app.lab.schemas import Body, LongText, Name, Out, QuantityOut, Real, Stamped
from lithoscope.units import UNITS

DatasetState = Literal["received", "verified", "readable", "rejected", "deleted"]


def _known_unit(unit: str) -> str:
    if unit not in UNITS:
        raise ValueError(f"not one of the facility's units: {', '.join(sorted(UNITS))}")
    return unit


class CalibrationValue(Body):
    """A calibration value a person vouches for."""

    value: Real
    unit: Annotated[str, AfterValidator(_known_unit)]
    uncertainty: Annotated[Real, Field(ge=0)] | None = None


CalibrationName = Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9_]{0,59}$")]


class DatasetChange(Body):
    """Calibration values to set, with the reason; the previous values stay in the history."""

    calibration: Annotated[dict[CalibrationName, CalibrationValue], Field(min_length=1, max_length=50)]
    reason: Name


class CalibrationChange(Out):
    """One earlier change of a calibration value; `previous` is null when there was none."""

    name: str
    previous: QuantityOut | None
    value: QuantityOut
    reason: str
    changed_by: str
    changed_at: datetime


Reason = Annotated[LongText, Field(min_length=3, max_length=300, description="Why it is deleted")]


class DatasetOut(Stamped):
    """A dataset: the bytes as received and what was read from them."""

    project_id: str
    sample_id: str | None
    instrument_id: str | None
    upload_id: str | None
    filename: str
    sha256: str
    size_bytes: int
    state: DatasetState
    problem: dict[str, Any] | None
    format: str | None
    kind: str | None
    arrays: list[dict[str, Any]]
    quantities: dict[str, QuantityOut]
    calibration: dict[str, QuantityOut]
    calibration_history: list[CalibrationChange]
    original: dict[str, Any]
    attributes: dict[str, Any]
    warnings: list[str]
    acquired_at: str | None
    created_by: str
    version: int


class TombstoneOut(Out):
    """What stands where something was deleted."""

    object_id: str
    kind: str
    project_id: str
    reason: str
    record: dict[str, Any]
    deleted_by: str
    deleted_at: datetime
