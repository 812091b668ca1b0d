"""
EDAX spectra (.spc) and maps of spectra (.spd).

The energies of a map stand in the .spc and its pixel in the .ipr beside it (see `lithoscope.readers.edax_headers`).
"""

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.readers.base import Reading
from lithoscope.readers.edax_headers import (
    TAG,
    acquired_at,
    energies,
    is_map,
    is_spectrum,
    map_header,
    may_begin_spectrum,
    spectrum_header,
    spectrum_settings,
)
from lithoscope.readers.limits import ArrayEntry, Manifest, Source, check_array
from lithoscope.readers.plain import plain
from lithoscope.units import Quantity

SUFFIXES = (".spd", ".spc")
SMALLEST_HEADER_BYTES = 736

_SETTINGS = {
    "beam_energy_kV": "kV",
    "dwell_s": "s",
    "magnification": "1",
    "stage_alpha_deg": "deg",
    "working_distance_mm": "mm",
}
_NOT_HELD = {"beam_current_nA": "nA", "exposure_s": "s", "temperature_K": "K"}
_NO_SETTINGS = "an .spd holds no settings: send the .spc and .ipr of its map with it"
_NO_ENERGIES = "an .spd holds no energies: send the .spc of its map with it"
_NO_PIXEL = "an .spd holds no pixel size: send the .ipr of its map with it"


def recognises(head: bytes) -> bool:
    """Tell a map by its tag and a spectrum by its version."""
    return is_map(head) or is_spectrum(head)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return TAG.startswith(head[: len(TAG)]) or may_begin_spectrum(head)


def inspect(source: Source) -> Manifest:
    """Hold the counts of the header against the file."""
    if _is_map(source):
        found = map_header(source.path)
        entry, version = ArrayEntry("EDS", found.shape, found.dtype, None, source.size), f"{found.version}"
    else:
        header = spectrum_header(source.path)
        entry = ArrayEntry("EDS", (header["numPts"],), "<u4", None, source.size)
        version = f"{header['fVersion']:.2f}"
    check_array(entry, np.dtype(entry.dtype).itemsize, source.limits)
    return Manifest("edax", (entry,), {"version": version})


def read(source: Source) -> Reading:
    """
    Read a map or a spectrum.

    Raises
    ------
    ReaderError
        ``truncated-file``, ``too-large``, ``type-mismatch`` or ``unreadable-file``.
    """
    inspect(source)
    return _map(source) if _is_map(source) else _spectrum(source)


def _is_map(source: Source) -> bool:
    with source.path.open("rb") as stream:
        return is_map(stream.read(len(TAG)))


def _map(source: Source) -> Reading:
    found = map_header(source.path)
    count = int(np.prod(found.shape, dtype=object))
    values = np.fromfile(source.path, found.dtype, count, offset=found.offset).reshape(found.shape)
    pixel, step = Quantity.unknown("nm", _NO_PIXEL), Quantity.unknown("eV", _NO_ENERGIES)
    spacing = {"y": pixel, "x": pixel, "e": step}
    lines, points, _ = found.shape
    stopped = f"The header counts {found.spectra} spectra for {lines * points} pixels."
    return Reading(
        arrays=(LabelledArray(values, "yxe", spacing, "counts", {}, "spectra", "EDS"),),
        metadata={
            **{name: Quantity.unknown(unit, _NO_SETTINGS) for name, unit in _SETTINGS.items()},
            **_not_held(),
            "pixel_size_nm": pixel,
        },
        calibration={"pixel_size_nm": pixel, "energy_step_eV": step},
        original=plain({"version": found.version, "frames": found.frames, "image": found.image}),
        warnings=(stopped,) if found.spectra != lines * points else (),
    )


def _spectrum(source: Source) -> Reading:
    header = spectrum_header(source.path)
    values = np.fromfile(source.path, "<u4", header["numPts"], offset=header["dataStart"])
    first, step = energies(header)
    is_known = first is not None and step.value is not None
    coordinates = {"e": np.asarray((first or 0.0) + (step.value or 0.0) * np.arange(len(values)), np.float64)}
    array = LabelledArray(values, "e", {"e": step}, "counts", coordinates if is_known else {}, "spectra", "EDS")
    nothing = "an .spc does not hold it"
    return Reading(
        arrays=(array,),
        metadata={
            **{name: Quantity.unknown(unit, nothing) for name, unit in _SETTINGS.items()},
            **spectrum_settings(header),
            **_not_held(),
            "pixel_size_nm": Quantity.unknown("nm", "a single spectrum has no pixels"),
        },
        calibration={"energy_step_eV": step},
        original=plain(header),
        acquired_at=acquired_at(header),
        warnings=() if is_known else ("The spectrum has no axis of energies: its header gives no step.",),
    )


def _not_held() -> dict[str, Quantity]:
    return {name: Quantity.unknown(unit, "EDAX headers do not hold it") for name, unit in _NOT_HELD.items()}
