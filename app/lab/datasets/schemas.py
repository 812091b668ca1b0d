"""What a dataset looks like from outside."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from app.lab.schemas import Body, LongText, Name, Out, QuantityOut, Real, Stamped

DatasetState = Literal["received", "verified", "readable", "rejected", "deleted"]


class CalibrationValue(Body):
    """A calibration value a person vouches for."""

    value: Annotated[Real, Field(gt=0)]
    unit: Literal["nm", "eV"]
    uncertainty: Annotated[Real, Field(ge=0)] | None = None


CalibrationName = Literal["pixel_size_nm", "slice_spacing_nm", "energy_step_eV"]
_UNITS: dict[CalibrationName, str] = {"pixel_size_nm": "nm", "slice_spacing_nm": "nm", "energy_step_eV": "eV"}


class DatasetChange(Body):
    """Calibration values to set, with the reason; the previous values stay in the history."""

    calibration: Annotated[dict[CalibrationName, CalibrationValue], Field(min_length=1)]
    reason: Name

    @field_validator("calibration")
    @classmethod
    def _in_its_unit(cls, given: dict[CalibrationName, CalibrationValue]) -> dict[CalibrationName, CalibrationValue]:
        for name, value in given.items():
            if value.unit != _UNITS[name]:
                raise ValueError(f"{name} is kept in {_UNITS[name]}: convert it and send it in that unit")
        return given


class CalibrationChange(Out):
    """One earlier change of a calibration value; `previous` is null when there was none."""

    name: str
    previous: QuantityOut | None
    value: QuantityOut
    reason: str
    changed_by: str
    changed_at: datetime


Reason = Annotated[LongText, Field(min_length=3, max_length=300, description="Why it is deleted")]


class PlaceOut(Out):
    """Where a dataset's bytes lie on the facility's own storage; nothing of them is copied, changed or deleted."""

    root: str
    path: str = Field(description="Of the file below the root; of a group that of its folder")
    files: int | None = Field(None, description="How many files lie there that are one dataset; null for a single one")
    problem: Literal["missing", "changed"] | None = Field(
        description="How it was found when it was last looked at; null when it stands as it was hashed"
    )
    problem_files: str | None = Field(None, description="Which files of a group it concerns, in words")
    checked_at: datetime
    hashed_at: datetime = Field(description="When all its bytes were last read")


class PlacedFileOut(Out):
    """One of several files on the facility's storage that are a dataset together, as it was hashed."""

    name: str
    size_bytes: int
    sha256: str


class DatasetRow(Stamped):
    """A dataset as lists show it: without the instrument's header, which may be large."""

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
    attributes: dict[str, Any]
    warnings: list[str]
    acquired_at: str | None
    place: PlaceOut | None = None
    created_by: str
    version: int


class DatasetOut(DatasetRow):
    """A dataset: the bytes as received and what was read from them; `original` is the instrument's header."""

    original: dict[str, Any]


class TombstoneOut(Out):
    """What stands where something was deleted."""

    object_id: str
    kind: str
    project_id: str
    reason: str
    record: dict[str, Any]
    deleted_by: str
    deleted_at: datetime
