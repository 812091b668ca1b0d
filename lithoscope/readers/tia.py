"""
TIA series (.ser) of FEI microscopes: images and stacks of images, spectra, lines and maps of spectra.

The settings of the microscope stand in the .emi file that travels beside it (see `lithoscope.readers.tia_emi`).
"""

from math import prod

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.readers.base import Reading
from lithoscope.readers.header_units import known
from lithoscope.readers.limits import ArrayEntry, Manifest, Source, check_array
from lithoscope.readers.plain import plain
from lithoscope.readers.tia_series import MAGIC, Scale, Series, open_series
from lithoscope.units import Quantity

SUFFIXES = (".ser",)
SMALLEST_HEADER_BYTES = 30

_AREA = 2
_NO_SETTINGS = "a .ser file holds no settings: send the .emi beside it"


def recognises(head: bytes) -> bool:
    """Tell a series by byte order and identification word."""
    return head.startswith(MAGIC)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return MAGIC.startswith(head[: len(MAGIC)])


def inspect(source: Source) -> Manifest:
    """Hold the header and the first element against the file."""
    series = open_series(source.path, source.limits)
    shape = (len(series.offsets), *series.shape)
    entry = ArrayEntry("data", shape, series.dtype, None, source.size)
    check_array(entry, np.dtype(series.dtype).itemsize, source.limits)
    return Manifest("tia", (entry,), {"version": f"{series.version:#06x}"})


def read(source: Source) -> Reading:
    """
    Read every recorded element.

    Raises
    ------
    ReaderError
        ``truncated-file``, ``too-large`` or ``unreadable-file``.
    """
    inspect(source)
    series = open_series(source.path, source.limits)
    array, warnings = _of_spectra(series) if series.is_spectra else _of_images(series)
    calibration = {"energy_step_eV": array.spacing["e"]} if "e" in array.spacing else {}
    pixel = array.spacing.get("x", Quantity.unknown("nm", "the series was recorded along no x"))
    return Reading(
        arrays=(array,),
        metadata={**_no_settings(), "pixel_size_nm": pixel},
        calibration={"pixel_size_nm": pixel, **calibration},
        original=plain({"dimensions": [[each.length, each.step, each.unit] for each in series.dimensions]}),
        warnings=(*_stopped(series), *warnings),
    )


def _of_images(series: Series) -> tuple[LabelledArray, tuple[str, ...]]:
    """Turn images upright: their first line is the lowest."""
    values = np.ascontiguousarray(series.values()[:, ::-1])
    spacing = {axis: _length(scale.step, f"CalibrationDelta{axis.upper()}") for axis, scale in _sides(series)}
    if len(values) == 1:
        return LabelledArray(values[0], "yx", spacing, "counts", {}, "image"), ()
    scanned = [each.length for each in series.dimensions if each.unit]
    warnings = (f"The images were recorded at {prod(scanned)} places: they are a stack in order of time.",)
    return LabelledArray(values, "zyx", spacing, "counts", {}, "stack"), warnings if scanned else ()


def _sides(series: Series) -> list[tuple[str, Scale]]:
    return list(zip("yx", series.scales, strict=True))


def _length(step: float, key: str) -> Quantity:
    """
    Make a step of SI units.

    TIA writes metres, or their reciprocal for diffraction patterns, and does not say which; no pixel is a metre wide
    and none of a pattern is narrower than 1/m.
    """
    if abs(step) < 1:
        return known(abs(step), unit="nm", key=key, factor=1e9)
    return known(abs(step), unit="nm^-1", key=key, factor=1e-9)


def _of_spectra(series: Series) -> tuple[LabelledArray, tuple[str, ...]]:
    values, (scale,) = series.values(), series.scales
    step = known(scale.step, unit="eV", key="CalibrationDelta")
    energies = np.asarray(scale.first + scale.step * np.arange(values.shape[-1]), np.float64)
    coordinates = {"e": energies} if step.value is not None else {}
    values, axes = _on_the_scan(series, values)
    spacing = {axis: _step_of(series, axis) for axis in axes[:-1] if axis in "yx"}
    return LabelledArray(values, axes, {**spacing, "e": step}, "counts", coordinates, "spectra"), ()


def _on_the_scan(series: Series, values: NDArray[np.generic]) -> tuple[NDArray[np.generic], str]:
    """Arrange spectra along the scan; of a map that was stopped only whole lines are kept."""
    if len(values) == 1:
        return values[0], "e"
    lengths = [each.length for each in series.dimensions]
    if len(lengths) != _AREA or prod(lengths) != series.promised:
        return values, "xe" if series.dimensions and series.dimensions[0].unit == "meters" else "ze"
    fast = lengths[0] if series.x_is_fast else lengths[1]
    whole = len(values) // fast
    if not whole:
        return values, "xe" if series.x_is_fast else "ye"
    area = values[: whole * fast].reshape(whole, fast, -1)
    return np.ascontiguousarray(area if series.x_is_fast else area.swapaxes(0, 1)), "yxe"


def _step_of(series: Series, axis: str) -> Quantity:
    """Dimension 1 is that of x where x is fast, which a line is by name; otherwise it is that of y."""
    if len(series.dimensions) != _AREA:
        found, number = series.dimensions[0], 1
    else:
        number = 1 if (axis == "x") == series.x_is_fast else 2
        found = series.dimensions[number - 1]
    key = f"CalibrationDelta of dimension {number}"
    if found.unit != "meters":
        return Quantity.unknown("nm", f"{key} is not in meters")
    return known(abs(found.step), unit="nm", key=key, factor=1e9)


def _stopped(series: Series) -> tuple[str, ...]:
    recorded = len(series.offsets)
    if recorded == series.promised:
        return ()
    return (f"The acquisition was stopped: {recorded} of {series.promised} elements were recorded.",)


def _no_settings() -> dict[str, Quantity]:
    units = {
        "beam_energy_kV": "kV",
        "beam_current_nA": "nA",
        "dwell_s": "s",
        "exposure_s": "s",
        "magnification": "1",
        "stage_alpha_deg": "deg",
        "temperature_K": "K",
    }
    return {name: Quantity.unknown(unit, _NO_SETTINGS) for name, unit in units.items()}
