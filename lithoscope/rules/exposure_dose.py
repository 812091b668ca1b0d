"""What one exposure of any mode gave the area it met: per frame, per second, summed, and frame by frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Literal

from lithoscope.rules.accumulation import LOWER_BOUND, field_fluence, repeated
from lithoscope.rules.dose import account_raster_dose, probe_limited_dose
from lithoscope.rules.exposure import RasterExposure
from lithoscope.rules.field_dose import CountedIn, field_rate
from lithoscope.rules.ion_dose import ion_fluence, ion_rate
from lithoscope.rules.legs import FLUENCE_UNIT, RADIATION_OF, Mode
from lithoscope.rules.photon_dose import photon_fluence, photon_rate
from lithoscope.rules.propagation import product
from lithoscope.tables import Table
from lithoscope.units import Quantity
from lithoscope.wording import count

LimitedBy = Literal["step", "probe", "unknown"]
UNIT_OF = {
    "beam_energy_kV": "kV",
    "photon_energy_keV": "keV",
    "ion_energy_kV": "kV",
    "beam_current_nA": "nA",
    "ion_current_nA": "nA",
    "dwell_s": "s",
    "step_nm": "nm",
    "probe_diameter_nm": "nm",
    "exposure_s": "s",
    "dose_rate_e_per_A2_s": "e/(A^2 s)",
    "beam_diameter_nm": "nm",
    "camera_counts": "counts",
    "conversion_counts_per_e": "counts/e",
    "camera_gain": "1",
    "pixel_size_nm": "nm",
    "fluence_photons_per_um2": "photons/um^2",
    "flux_photons_per_s": "photons/s",
    "mass_absorption_cm2_per_g": "cm^2/g",
    "beam_area_um2": "um^2",
    "temperature_K": "K",
}
ENERGY_OF: dict[Mode, str] = {
    "stem_raster": "beam_energy_kV",
    "tem_field": "beam_energy_kV",
    "xray": "photon_energy_keV",
    "fib": "ion_energy_kV",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    One exposure as recorded.

    Parameters
    ----------
    mode : {"stem_raster", "tem_field", "xray", "fib"}
        How the beam met the sample.
    conditions : mapping of name to Quantity
        Names and units are those of `UNIT_OF`; what is left out is unknown.
    frames, recorded_scans : int
        Frames of the series, and every frame on record.
    frame_pixels : (int, int) or None
        Places of a raster frame along x and y.
    counted_in : {"vacuum", "specimen"} or None
        Where the electrons that a camera counted had come through.
    started_at, ended_at : datetime
        By the service's clock.
    is_running : bool
        The beam is still on.
    """

    mode: Mode
    conditions: Mapping[str, Quantity]
    frames: int
    recorded_scans: int
    started_at: datetime
    ended_at: datetime | None = None
    frame_pixels: tuple[int, int] | None = None
    counted_in: CountedIn | None = None
    is_running: bool = False

    def known(self) -> dict[str, Quantity]:
        """Return every condition by name; what nobody recorded is unknown."""
        return {
            name: self.conditions.get(name) or Quantity.unknown(unit, "not recorded") for name, unit in UNIT_OF.items()
        }


@dataclass(frozen=True, slots=True)
class ExposureDose:
    """
    What an exposure gave.

    Parameters
    ----------
    beam_energy : Quantity
        Accelerating voltage [kV], or photon energy [keV].
    per_frame, series, recorded : Quantity
        Fluence of one frame, of the series' frames, of every frame on record (of a running exposure until now), in the
        unit of its radiation: mean over the area.
    rate : Quantity
        Fluence per second while a frame is taken.
    frame_s, beam_on_s : Quantity
        Time the beam is on in one frame and in every frame on record [s].
    limited_by : {"step", "probe", "unknown"}
        What fixes the dose where a raster's probe stood: the step when neighbouring places overlap, else the probe.
    local_per_frame, local_recorded : Quantity or None
        Fluence where the probe stood, when it is smaller than the step; else None.
    """

    beam_energy: Quantity
    per_frame: Quantity
    series: Quantity
    recorded: Quantity
    rate: Quantity
    frame_s: Quantity
    beam_on_s: Quantity
    limited_by: LimitedBy = "unknown"
    local_per_frame: Quantity | None = None
    local_recorded: Quantity | None = None


def exposure_dose(exposure: Recorded, *, at: datetime | None = None) -> ExposureDose:
    """
    Account for one exposure; whatever is not known makes every number that needs it unknown, with a note naming it.

    Parameters
    ----------
    exposure : Recorded
        What is on record, calibrated.
    at : datetime, optional
        Count the frames until then; of a running exposure this must be given.
    """
    conditions = exposure.known()
    per_frame, rate, frame_s = _frame(exposure, conditions)
    local, limited_by = _local(exposure, conditions)
    beam_on_s = repeated(frame_s, exposure.recorded_scans, note=count(exposure.recorded_scans, "frame"))
    recorded = repeated(
        per_frame, exposure.recorded_scans, note=f"{count(exposure.recorded_scans, 'frame')}; {LOWER_BOUND}"
    )
    if exposure.is_running and at is not None:
        beam_on_s = Quantity(max(0.0, (at - exposure.started_at).total_seconds()), "s", "assumed", note="still on")
        recorded = field_fluence(rate, beam_on_s, unit=FLUENCE_UNIT[RADIATION_OF[exposure.mode]])
    elif at is not None and (share := _share(exposure, beam_on_s, at)) < 1:
        recorded, beam_on_s = _part(recorded, share), _part(beam_on_s, share)
    return ExposureDose(
        beam_energy=conditions[ENERGY_OF[exposure.mode]],
        per_frame=per_frame,
        series=repeated(per_frame, exposure.frames, note=count(exposure.frames, "frame")),
        recorded=recorded,
        rate=rate,
        frame_s=frame_s,
        beam_on_s=beam_on_s,
        limited_by=limited_by,
        local_per_frame=local,
        local_recorded=None if local is None else _scaled(local, per_frame, recorded),
    )


def end_of(exposure: Recorded, dose: ExposureDose) -> datetime | None:
    """Return when an exposure ended: as recorded, else after the time its frames took; None when neither is known."""
    if exposure.is_running or exposure.ended_at is not None:
        return exposure.ended_at
    seconds = dose.beam_on_s.value
    return None if seconds is None or seconds > _LONGEST_S else exposure.started_at + timedelta(seconds=seconds)


_LONGEST_S = 3.2e8  # ten years: what lasts longer is a slip of unit, and dates end


def dose_curve(dose: ExposureDose, recorded_scans: int, *, most_rows: int = 1000) -> Table:
    """
    List the frames of an exposure with the dose of each and the sum so far.

    It is computed whenever it is asked for, not stored: equal frames make it a function of the record and of the
    calibration that holds, so it cannot disagree with the account. Of more than `most_rows` frames every n-th and the
    last are listed; sums count those between.
    """
    unit = dose.per_frame.unit
    stride = max(1, ceil(recorded_scans / most_rows))
    numbers = [*range(stride, recorded_scans, stride), recorded_scans]
    if stride > 1:
        numbers = [1, *numbers]
    each, seconds = dose.per_frame.value, dose.frame_s.value
    columns: dict[str, list[float | int | None]] = {
        "frame": [*numbers],
        "beam_on_s": [None if seconds is None else seconds * number for number in numbers],
        "dose": [each for _ in numbers],
        "cumulative_dose": [None if each is None else each * number for number in numbers],
    }
    return Table(columns, {"frame": "1", "beam_on_s": "s", "dose": unit, "cumulative_dose": unit})


def _frame(exposure: Recorded, known: Mapping[str, Quantity]) -> tuple[Quantity, Quantity, Quantity]:
    """Return fluence, fluence per second and time of one frame."""
    if exposure.mode == "stem_raster":
        account = account_raster_dose(raster_of(exposure, frames=1))
        return account.dose_per_frame, account.dose_rate, _raster_time(known["dwell_s"], exposure.frame_pixels)
    if exposure.mode == "tem_field":
        rate = field_rate(known, counted_in=exposure.counted_in)
        factors = {"dose_rate": (rate, 1), "exposure_s": (known["exposure_s"], 1)}
        fluence = product(factors, unit=FLUENCE_UNIT["electrons"])
        return fluence, rate, known["exposure_s"]
    if exposure.mode == "xray":
        return photon_fluence(known), photon_rate(known), known["exposure_s"]
    return ion_fluence(known), ion_rate(known), known["exposure_s"]


def raster_of(exposure: Recorded, *, frames: int | None = None) -> RasterExposure:
    """Return a scanned exposure as the raster rules take it; `frames` to account for that many only."""
    known = exposure.known()
    return RasterExposure(
        beam_energy_kV=known["beam_energy_kV"],
        beam_current_nA=known["beam_current_nA"],
        dwell_s=known["dwell_s"],
        step_nm=known["step_nm"],
        frame_pixels=exposure.frame_pixels,
        frames=frames or exposure.frames,
        recorded_scans=frames or exposure.recorded_scans,
    )


def _raster_time(dwell_s: Quantity, pixels: tuple[int, int] | None) -> Quantity:
    if pixels is None:
        return Quantity.unknown("s", "not recorded: frame_pixels")
    return product({"dwell_s": (dwell_s, 1)}, scale=pixels[0] * pixels[1], unit="s", note="flyback left out")


def _local(exposure: Recorded, known: Mapping[str, Quantity]) -> tuple[Quantity | None, LimitedBy]:
    """Return the dose where the probe stood when it is smaller than the step, and what limits the dose."""
    probe, step = known["probe_diameter_nm"].value, known["step_nm"].value
    if exposure.mode != "stem_raster" or probe is None or step is None:
        return None, "unknown"
    if probe >= step:
        return None, "step"
    return probe_limited_dose(known["beam_current_nA"], known["dwell_s"], known["probe_diameter_nm"]), "probe"


def _share(exposure: Recorded, beam_on_s: Quantity, at: datetime) -> float:
    """Return which part of an exposure lay before a moment, as if its frames had come evenly."""
    end = exposure.ended_at
    total = (end - exposure.started_at).total_seconds() if end is not None else beam_on_s.value
    elapsed = max(0.0, (at - exposure.started_at).total_seconds())
    return 1.0 if not total or elapsed >= round(total, 6) else elapsed / total  # dates end at microseconds


def _part(whole: Quantity, share: float) -> Quantity:
    return product({"whole": (whole, 1)}, scale=share, unit=whole.unit, note="the part before the moment asked for")


def _scaled(local: Quantity, per_frame: Quantity, recorded: Quantity) -> Quantity:
    """Scale the local dose of a frame as the mean one grew."""
    if not per_frame.value or recorded.value is None:
        return Quantity.unknown(local.unit, recorded.note)
    return product({"local": (local, 1)}, scale=recorded.value / per_frame.value, unit=local.unit, note=local.note)
