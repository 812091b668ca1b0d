"""What exposures and the dose account look like from outside."""

from datetime import datetime
from typing import Any, Literal

from app.lab.dose.exposure_types import (
    ExposureFields,
    Fib,
    Mode,
    NewExposure,
    Point,
    Purpose,
    QuantityIn,
    StemRaster,
    TemField,
    XRay,
)
from app.lab.schemas import Out, QuantityOut
from lithoscope.rules.beam_coverage import BeamKind
from lithoscope.rules.exposure_dose import LimitedBy

__all__ = [
    "CoverageOut",
    "ExposureFields",
    "ExposureOut",
    "Fib",
    "NewExposure",
    "QuantityIn",
    "StemRaster",
    "TemField",
    "XRay",
]

Radiation = Literal["electrons", "photons", "ions"]


class ExposureOut(Out):
    """An exposure as recorded; `geometry` holds `frame_pixels` (x, y), `counted_in` or `ion_source` by its mode."""

    id: str
    sample_id: str
    dataset_id: str | None
    instrument_id: str | None
    mode: Mode
    purpose: Purpose | None
    region_id: str | None
    field_um: list[Point] | None
    is_running: bool
    conditions: dict[str, QuantityOut]
    geometry: dict[str, Any]
    frames: int
    recorded_scans: int
    occurred_at: datetime
    ended_at: datetime | None
    received_at: datetime
    clock_offset_s: float | None
    recorded_by: str
    note: str | None
    warnings: list[str]
    supersedes_id: str | None
    superseded_by: str | None
    client_event_id: str | None
    inherited_from: str | None


class CoverageOut(Out):
    """
    Whether the recorded exposures are all the beam a sample took; otherwise their dose is a lower bound.

    `uncovered` are the kinds of beam nobody answers for, `unaccounted_s` the time it was on beyond recorded frames.
    """

    is_complete: bool
    uncovered: list[BeamKind]
    unaccounted_s: QuantityOut
    note: str


class ExposureDoseOut(Out):
    """
    Fluence of one exposure: of a frame, of the series, of every frame on record (of a running one until now).

    `rate` is fluence per second while a frame is taken, `beam_on_s` the time of every frame on record. A raster is
    `limited_by` its step or, where the probe is smaller, by the probe: `local_recorded` is then the fluence within its
    spots, else null. `current` is the one accounted with: its note says which calibration it went through. `absorbed`
    is the dose in Gy of what is on record, in the phase the account was asked for.
    """

    exposure_id: str
    mode: Mode
    purpose: Purpose | None
    beam_energy: QuantityOut
    current: QuantityOut | None
    temperature_K: QuantityOut
    per_frame: QuantityOut
    series: QuantityOut
    recorded: QuantityOut
    rate: QuantityOut
    beam_on_s: QuantityOut
    limited_by: LimitedBy
    local_recorded: QuantityOut | None
    absorbed: QuantityOut
    is_running: bool
    warnings: list[str]
    inherited_from: str | None


class BeamSumOut(Out):
    """
    Recorded fluence at one beam energy, ions by their source; `total` is unknown as soon as one exposure is.

    An exposure of unknown beam energy stands alone.
    """

    radiation: Radiation
    beam_energy: QuantityOut
    ion_source: str | None
    exposure_ids: list[str]
    total: QuantityOut
    known_part: QuantityOut


class EnergyDoseOut(BeamSumOut):
    """Such a sum with `absorbed`, its dose in Gy in the phase the account was asked for."""

    absorbed: QuantityOut


class SampleDoseOut(Out):
    """
    What beams gave a sample; fluences of different energies are never added.

    `coverage` says whether that is all the beam there was, or a lower bound. `phase` is what doses in Gy are of; null
    when no stopping power stands for the sample's material.
    """

    sample_id: str
    phase: str | None
    exposures: list[ExposureDoseOut]
    by_beam_energy: list[EnergyDoseOut]
    coverage: CoverageOut
    note: str


class DoseCurveOut(Out):
    """Frames of an exposure: number, time with the beam on, dose of each, sum so far; null where it is not known."""

    exposure_id: str
    columns: dict[str, list[float | int | None]]
    units: dict[str, str]
