"""Electron dose of a scanned beam."""

from dataclasses import dataclass
from math import pi
from typing import Any

from lithoscope.rules.exposure import RasterExposure
from lithoscope.rules.propagation import product
from lithoscope.tables import Table
from lithoscope.units import Quantity
from lithoscope.wording import count

ELEMENTARY_CHARGE_C = 1.602176634e-19  # exact, SI 2019
ELECTRONS_PER_NA_S = 1e-9 / ELEMENTARY_CHARGE_C  # 6.2415e9; one picoampere is 6.2415e6 electrons a second
A2_PER_NM2 = 100.0
DOSE_UNIT = "e/A^2"
RATE_UNIT = "e/(A^2 s)"
LOWER_BOUND = "recorded scans only, a lower bound: search, focus, flyback and a parked beam are not in it"
OVER_FRAME = "mean over the frame's area while it is scanned, flyback left out"
OVER_STEP = "over the area of one step while the probe dwells on it"


@dataclass(frozen=True, slots=True)
class RasterDose:
    """Dose of one raster frame and of a series [e/Å²]."""

    per_frame_e_per_A2: float
    series_e_per_A2: float


@dataclass(frozen=True, slots=True)
class RasterDoseAccount:
    """
    What a series of raster frames gave the sample.

    Parameters
    ----------
    dose_per_frame, dose_series, dose_recorded : Quantity
        Fluence of one frame, of the frames of the series, and of every recorded scan [e/Å²].
    dose_rate : Quantity
        Fluence of a frame over the time it takes to scan it: what an area larger than the probe feels [e/(Å² s)].
    dose_rate_dwell : Quantity
        Fluence of a frame over the dwell time: what a step feels while the probe is on it [e/(Å² s)].
    scans : Table
        Dose of every recorded scan and the sum so far [e/Å²].
    """

    dose_per_frame: Quantity
    dose_series: Quantity
    dose_recorded: Quantity
    dose_rate: Quantity
    dose_rate_dwell: Quantity
    scans: Table


def raster_dose(*, beam_current_nA: float, dwell_s: float, step_nm: float, frames: int = 1) -> RasterDose:
    """
    Electrons per area given by a raster of square steps.

    One frame puts I t / e electrons into each step. The probe's own size does not matter to the mean as long as
    neighbouring steps overlap (else see `probe_limited_dose`).

    Parameters
    ----------
    beam_current_nA, dwell_s, step_nm : float
        Current in the probe [nA], stay at each place [s], distance of neighbouring places [nm].
    frames : int
        Frames in the series.
    """
    electrons_per_step = beam_current_nA * 1e-9 * dwell_s / ELEMENTARY_CHARGE_C
    per_frame = electrons_per_step / (step_nm * 10) ** 2
    return RasterDose(per_frame, per_frame * frames)


def account_raster_dose(exposure: RasterExposure) -> RasterDoseAccount:
    """
    Account for the dose of a recorded exposure.

    Parameters
    ----------
    exposure : RasterExposure
        What is on record. Whatever is unknown makes every number that depends on it unknown, with a note naming it.

    Returns
    -------
    account : RasterDoseAccount
        Every number carries the weakest source of those it comes from. Its standard uncertainty is stated only if those
        of current, dwell and step all are; they are taken as independent.
    """
    places = None if exposure.frame_pixels is None else exposure.frame_pixels[0] * exposure.frame_pixels[1]
    return RasterDoseAccount(
        dose_per_frame=_dose(exposure, 1, "one frame"),
        dose_series=_dose(exposure, exposure.frames, count(exposure.frames, "frame")),
        dose_recorded=_dose(exposure, exposure.recorded_scans, f"{exposure.recorded_scans} scans; {LOWER_BOUND}"),
        dose_rate=_rate(exposure, places, OVER_FRAME),
        dose_rate_dwell=_rate(exposure, 1, OVER_STEP),
        scans=_scan_table(exposure),
    )


def probe_limited_dose(beam_current_nA: Quantity, dwell_s: Quantity, probe_diameter_nm: Quantity) -> Quantity:
    """
    Return the dose of one frame where the probe stood, when it is smaller than the step [e/Å²].

    Neighbouring places then do not overlap: the spots take more than the mean over the frame, the area between them
    nothing. The probe is taken as an evenly filled disc.
    """
    factors = {
        "beam_current_nA": (beam_current_nA, 1),
        "dwell_s": (dwell_s, 1),
        "probe_diameter_nm": (probe_diameter_nm, -2),
    }
    scale = ELECTRONS_PER_NA_S / (A2_PER_NM2 * pi / 4)
    return product(factors, scale=scale, unit=DOSE_UNIT, note="probe-limited: within the spots of the probe")


def _dose(exposure: RasterExposure, scans: int, note: str) -> Quantity:
    """Return the dose of a number of scans."""
    factors = {
        "beam_current_nA": (exposure.beam_current_nA, 1),
        "dwell_s": (exposure.dwell_s, 1),
        "step_nm": (exposure.step_nm, -2),
    }
    return product(factors, scale=ELECTRONS_PER_NA_S / A2_PER_NM2 * scans, unit=DOSE_UNIT, note=note)


def _rate(exposure: RasterExposure, places: int | None, note: str) -> Quantity:
    """Return the dose rate over an area of as many steps as `places`; the dwell time cancels."""
    if places is None:
        return Quantity.unknown(RATE_UNIT, "not recorded: frame_pixels")
    factors = {"beam_current_nA": (exposure.beam_current_nA, 1), "step_nm": (exposure.step_nm, -2)}
    return product(factors, scale=ELECTRONS_PER_NA_S / A2_PER_NM2 / places, unit=RATE_UNIT, note=note)


def _scan_table(exposure: RasterExposure) -> Table:
    """List every recorded scan with its dose and the sum so far; empty places where the dose is unknown."""
    numbers = list(range(1, exposure.recorded_scans + 1))
    columns: dict[str, list[Any]] = {
        "scan": numbers,
        "dose_e_per_A2": [_dose(exposure, 1, "").value for _ in numbers],
        "cumulative_dose_e_per_A2": [_dose(exposure, scans, "").value for scans in numbers],
    }
    return Table(columns, {"scan": "1", "dose_e_per_A2": DOSE_UNIT, "cumulative_dose_e_per_A2": DOSE_UNIT})


def example_exposure() -> dict[str, RasterExposure]:
    """Give the exposure of the tilt series of Oh et al.: 64 x 64 places, 15 tilts, three scans at zero."""
    exposure = RasterExposure(
        beam_energy_kV=Quantity(300.0, "kV", "assumed"),
        beam_current_nA=Quantity(0.300, "nA", "assumed"),
        dwell_s=Quantity(0.05, "s", "assumed"),
        step_nm=Quantity(4.63, "nm", "assumed"),
        frame_pixels=(64, 64),
        frames=15,
        recorded_scans=17,
    )
    return {"exposure": exposure}
