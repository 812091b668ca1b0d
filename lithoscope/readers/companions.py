"""
Files that travel beside another: angles (.rawtlt, .tlt) and SerialEM's .mdoc of a series, the .emi of TIA, the .spc and
.ipr of an EDAX map.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.header_units import known
from lithoscope.readers.limits import Limits
from lithoscope.units import Quantity

#: Endings of files that only describe another; an EDAX spectrum (.spc) beside a map does, too.
SUFFIXES = (".rawtlt", ".tlt", ".mdoc", ".emi", ".ipr", ".spc")
_STEEPEST_DEG = 180.0


@dataclass(frozen=True, slots=True)
class Companion:
    """
    What a companion file says.

    Parameters
    ----------
    angles_deg : tuple of float
        One an image, in the order of the stack; empty if the file gives none.
    metadata, calibration : mapping of str to Quantity
        Values to add to the reading, source ``header``.
    pixel_size : Quantity or None
        Pixel size, if the file gives one.
    acquired_at : str
        Time of the first image as written, empty if not given.
    steps : mapping of axis letter to Quantity
        Steps of a map of spectra that the map itself does not hold.
    first_eV : float or None
        Energy of its first channel.
    """

    angles_deg: tuple[float, ...] = ()
    metadata: dict[str, Quantity] = field(default_factory=dict)
    calibration: dict[str, Quantity] = field(default_factory=dict)
    pixel_size: Quantity | None = None
    acquired_at: str = ""
    steps: dict[str, Quantity] = field(default_factory=dict)
    first_eV: float | None = None


def with_companions(reading: Reading, companions: Sequence[Path]) -> Reading:
    """
    Add what companion files say to a reading; a later file wins over an earlier one.

    Raises
    ------
    ReaderError
        ``bad-companion``, naming file and line.
    """
    for path in companions:
        reading = _joined(reading, read_companion(path), path.name)
    return reading


def read_companion(path: Path) -> Companion:
    """
    Read one companion file.

    Raises
    ------
    ReaderError
        ``bad-companion``, naming file and line.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _bad(path, f"is none of {', '.join(SUFFIXES)}")
    if path.stat().st_size > Limits().text_bytes:
        raise _bad(path, "is too long for a list of angles")
    if suffix == ".emi":
        from lithoscope.readers.tia_emi import read_emi

        return read_emi(path)
    if suffix in (".spc", ".ipr"):
        from lithoscope.readers.edax_headers import read_image_beside, read_spectrum_beside

        return read_image_beside(path) if suffix == ".ipr" else read_spectrum_beside(path)
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise _bad(path, "is no text file") from None
    if suffix != ".mdoc":
        return Companion(angles_deg=_angles(path, lines))
    mdoc = _Mdoc(path)
    mdoc.fill(lines)
    return _of_mdoc(mdoc)


def _angles(path: Path, lines: list[str]) -> tuple[float, ...]:
    found = [_angle(path, i, line.strip()) for i, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise _bad(path, "lists no angle")
    return tuple(found)


def _angle(path: Path, line: int, text: str) -> float:
    angle = _number(path, line, text)
    if abs(angle) > _STEEPEST_DEG:
        raise _bad(path, "is no tilt angle in degrees", line)
    return angle


def _number(path: Path, line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _bad(path, "is not a number", line) from None
    if not math.isfinite(value):
        raise _bad(path, "is not a finite number", line)
    return value


@dataclass(frozen=True)
class _Mdoc:
    """An .mdoc as read: global entries, a section [ZValue = n] per image, titles [T = ...]; entries know their line."""

    path: Path
    general: dict[str, tuple[int, str]] = field(default_factory=dict)
    sections: list[dict[str, tuple[int, str]]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)

    def fill(self, lines: list[str]) -> None:
        """Sort the lines into their sections."""
        target = self.general
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if text.startswith("["):
                begun = self._begun(text, number)
                target = target if begun is None else begun
            elif text:
                key, equals, value = text.partition("=")
                if not equals:
                    raise _bad(self.path, "is neither a section nor 'key = value'", number)
                target[key.strip()] = (number, value.strip())

    def _begun(self, text: str, line: int) -> dict[str, tuple[int, str]] | None:
        """Where the entries after a bracketed line go; None if it was only a title."""
        if not text.endswith("]"):
            raise _bad(self.path, "begins a section and does not end it", line)
        key, _, value = text[1:-1].partition("=")
        if key.strip() == "T":
            self.titles.append(value.strip())
            return None
        if key.strip() not in ("ZValue", "FrameSet"):
            return {}  # montage pieces: read and dropped
        self.sections.append({})
        return self.sections[-1]


def _of_mdoc(mdoc: _Mdoc) -> Companion:
    first = {**mdoc.general, **(mdoc.sections[0] if mdoc.sections else {})}

    def entry(key: str, unit: str, factor: float = 1.0) -> Quantity | None:
        if key not in first:
            return None
        return known(_number(mdoc.path, *first[key]), unit=unit, key=f"mdoc {key}", factor=factor)

    metadata = {
        "beam_energy_kV": entry("Voltage", "kV"),
        "magnification": entry("Magnification", "1"),
        "exposure_s": entry("ExposureTime", "s"),
        "dose_per_frame_e_per_A2": entry("ExposureDose", "e/A^2"),
        "dose_rate_e_per_A2_s": _rate(entry("ExposureDose", "e/A^2"), entry("ExposureTime", "s")),
    }
    return Companion(
        _tilts(mdoc),
        {key: value for key, value in metadata.items() if value is not None},
        _tilt_axis(mdoc, first),
        entry("PixelSpacing", "nm", 0.1),
        first["DateTime"][1] if "DateTime" in first else "",
    )


def _tilts(mdoc: _Mdoc) -> tuple[float, ...]:
    tilted = [section["TiltAngle"] for section in mdoc.sections if "TiltAngle" in section]
    if tilted and len(tilted) != len(mdoc.sections):
        raise _bad(mdoc.path, f"gives a TiltAngle for {len(tilted)} of its {len(mdoc.sections)} images")
    return tuple(_angle(mdoc.path, *place) for place in tilted)


def _rate(dose: Quantity | None, seconds: Quantity | None) -> Quantity | None:
    if dose is None or seconds is None or dose.value is None or seconds.value is None:
        return None
    return Quantity(dose.value / seconds.value, "e/(A^2 s)", "header", note="mdoc ExposureDose / ExposureTime")


def _tilt_axis(mdoc: _Mdoc, first: dict[str, tuple[int, str]]) -> dict[str, Quantity]:
    for title in mdoc.titles:
        if match := re.search(r"Tilt axis angle\s*=\s*([-+0-9.]+)", title):
            return {"tilt_axis_deg": known(match[1], unit="deg", key="mdoc Tilt axis angle", zero_is_known=True)}
    if "RotationAngle" in first:
        value = _number(mdoc.path, *first["RotationAngle"])
        return {"tilt_axis_deg": Quantity(value, "deg", "header", note="mdoc RotationAngle")}
    return {}


def _joined(reading: Reading, companion: Companion, name: str) -> Reading:
    if not reading.arrays:
        raise ReaderError(f"{name} belongs to images, and the file holds none: send it alone", code="bad-companion")
    principal = reading.arrays[0]
    warnings = reading.warnings
    if companion.angles_deg:
        principal = _tilted(principal, companion.angles_deg, name)
    if companion.steps:
        principal = _calibrated(principal, companion, name)
    if companion.pixel_size is not None and principal.spacing.get("x", companion.pixel_size).source == "unknown":
        principal = replace(
            principal, spacing={**principal.spacing, "y": companion.pixel_size, "x": companion.pixel_size}
        )
    elif companion.pixel_size is not None and _disagree(principal.spacing.get("x"), companion.pixel_size):
        warnings = (*warnings, f"{name} gives another pixel size than the file itself: the file's was kept.")
    size = {"pixel_size_nm": principal.spacing["x"]} if "x" in principal.spacing else {}
    energy = {"energy_step_eV": principal.spacing["e"]} if "e" in companion.steps else {}
    return replace(
        reading,
        arrays=(principal, *reading.arrays[1:]),
        metadata={**reading.metadata, **_told(reading, companion), **size},
        calibration={**_without_slices(reading, principal), **companion.calibration, **size, **energy},
        acquired_at=reading.acquired_at or companion.acquired_at,
        warnings=warnings,
    )


def _told(reading: Reading, companion: Companion) -> dict[str, Quantity]:
    """Keep what is known already where a companion only says that it does not know."""
    known_already = {name for name, value in reading.metadata.items() if value.value is not None}
    return {
        name: value
        for name, value in companion.metadata.items()
        if value.value is not None or name not in known_already
    }


def _calibrated(array: LabelledArray, companion: Companion, name: str) -> LabelledArray:
    """Give a map the steps it lacks; one that a file before has given stays."""
    if not set(companion.steps) <= set(array.axes):
        raise ReaderError(f"{name} describes a map of spectra, and the file holds none", code="bad-companion")
    missing = {
        axis: step
        for axis, step in companion.steps.items()
        if axis not in array.spacing or array.spacing[axis].value is None
    }
    coordinates, energy = array.coordinates, missing.get("e")
    if energy is not None and energy.value is not None and companion.first_eV is not None:
        channels = np.arange(array.values.shape[array.axes.index("e")])
        coordinates = {**coordinates, "e": np.asarray(companion.first_eV + energy.value * channels, np.float64)}
    return replace(array, spacing={**array.spacing, **missing}, coordinates=coordinates)


def _tilted(array: LabelledArray, angles: tuple[float, ...], name: str) -> LabelledArray:
    if array.axes not in ("zyx", "tyx"):
        raise ReaderError(f"{name} lists tilt angles and the file holds no stack of images", code="bad-companion")
    if len(angles) != array.values.shape[0]:
        raise ReaderError(
            f"{name} lists {len(angles)} angles and the stack has {array.values.shape[0]} images: "
            "send the angles of these images",
            code="bad-companion",
        )
    spacing = {axis: step for axis, step in array.spacing.items() if axis != "z"}
    return replace(
        array, axes="tyx", kind="tilt_series", unit="counts", spacing=spacing, coordinates={"t": np.array(angles)}
    )


def _without_slices(reading: Reading, principal: LabelledArray) -> dict[str, Quantity]:
    if principal.kind != "tilt_series":
        return reading.calibration
    kept = {key: value for key, value in reading.calibration.items() if key != "slice_spacing_nm"}
    unknown = Quantity.unknown("deg", "neither file nor companion says how the tilt axis lies in the image")
    return {"tilt_axis_deg": unknown, **kept}


def _disagree(own: Quantity | None, other: Quantity) -> bool:
    if own is None or own.value is None or other.value is None:
        return False
    return abs(own.value - other.value) > 0.01 * own.value


def _bad(path: Path, what: str, line: int | None = None) -> ReaderError:
    where = f"{path.name}, line {line}," if line else path.name
    return ReaderError(f"{where} {what}", code="bad-companion")
