"""Dose of a tilt series, tilt by tilt in the order of recording."""

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import Any, Literal

from lithoscope.errors import ScienceError
from lithoscope.rules.dose import RasterDoseAccount, account_raster_dose, example_exposure
from lithoscope.rules.exposure import RasterExposure
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity

Order = Literal["rising", "falling", "symmetric"]


class ScansDoNotFit(ScienceError):
    """An exposure of another number of scans than its series has tilts."""

    code = "scans-do-not-fit"


@dataclass(frozen=True, slots=True)
class TiltDoses:
    """
    Dose of a series by tilt.

    Parameters
    ----------
    tilts : Table
        Every recorded scan in order of time: its tilt, empty for scans outside the series, dose and sum so far.
    dose_per_tilt, dose_series, dose_recorded : Quantity
        Of one scan, of the series, and of every recorded scan [e/Å²].
    """

    tilts: Table
    dose_per_tilt: Quantity
    dose_series: Quantity
    dose_recorded: Quantity


def tilt_doses(
    projections: Sized,
    exposure: RasterExposure,
    *,
    angles_deg: Iterable[float],
    order: Order = "rising",
    scans_before: int = 1,
) -> TiltDoses:
    """
    Tell the dose of every tilt and the sum up to it.

    Parameters
    ----------
    projections : (t, y, x) array
        The series.
    exposure : RasterExposure
        Of the series: as many frames as tilts.
    angles_deg : (t,) sequence of float
        Tilts [deg].
    order : {"rising", "falling", "symmetric"}
        How the tilts followed each other; symmetric begins at the flattest and changes sides.
    scans_before : int
        Of the scans outside the series, those before it; the others came after.

    Raises
    ------
    ScansDoNotFit
    """
    if len(projections) != exposure.frames:
        raise ScansDoNotFit("the exposure counts other frames than the series has tilts: choose the series' own")
    angles = [float(angle) for angle in angles_deg]
    account: RasterDoseAccount = account_raster_dose(exposure)
    outside = exposure.recorded_scans - exposure.frames
    before = min(scans_before, outside)
    tilts: list[Any] = [None] * before + in_order(angles, order) + [None] * (outside - before)
    scans = account.scans
    columns = {"scan": scans.columns["scan"], "angle_deg": tilts, **scans.columns}
    units = {"angle_deg": "deg", **scans.units}
    plot = Plot("scan", (Line("cumulative_dose_e_per_A2", title="dose so far"),), "Dose of the series", "dose")
    return TiltDoses(
        Table(columns, {name: units[name] for name in columns}, plot=plot),
        account.dose_per_frame,
        account.dose_series,
        account.dose_recorded,
    )


def in_order(angles: list[float], order: Order) -> list[float]:
    """Sort tilts as they were recorded."""
    if order == "symmetric":
        return sorted(angles, key=lambda angle: (abs(angle), -angle))
    return sorted(angles, reverse=order == "falling")


def example_series() -> dict[str, Any]:
    """Give the published series: 15 tilts, one scan before and one after it."""
    angles = [10.0 * step for step in range(-7, 8)]
    return {"projections": [[[1.0]]] * len(angles), "angles_deg": angles, **example_exposure()}
