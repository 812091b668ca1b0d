"""
A simultaneous tilt series from the files of its scans: checked as a whole, then read tilt by tilt.

Nothing is converted beforehand: an array of the series opens the file of a tilt when that tilt is asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.numerics.common.series import SeriesOfTilts, as_values
from lithoscope.readers.base import Reading
from lithoscope.readers.limits import Limits
from lithoscope.readers.scan_parts import Part, ScanFile, scan_file
from lithoscope.readers.scan_set import ScanRow, scan_rows
from lithoscope.readers.series_checks import check_energies, check_same_energies, check_sizes, order_of
from lithoscope.simultaneous import ACQUISITION, LAYOUT, REPEATED, SIGNALS
from lithoscope.units import Quantity

_LIVE = "live_fraction"
_SAME_STEP = 0.01
_SAME_VALUE = 0.02
_SAME_ANGLE_DEG = 0.5
_NOT_OF_ALL = ("stage_alpha_deg", "exposure_s", "pixel_size_nm", "tilt_axis_deg")


@dataclass(frozen=True, slots=True, eq=False)
class _Tilt:
    """One scan with all its signals."""

    row: ScanRow
    angle_deg: float
    parts: dict[str, Part]
    metadata: dict[str, Quantity]
    acquired_at: str
    warnings: tuple[str, ...]


def read_scans(files: Sequence[Path], limits: Limits, *, keep: object = None) -> Reading:
    """
    Read the files of the scans of a series as one dataset; files were inspected and stay where they are.

    Parameters
    ----------
    files : sequence of Path
        All in one folder.
    limits : Limits
    keep : object
        Held as long as the arrays: what removes the files when it ends.

    Raises
    ------
    ReaderError
        ``missing-tilt``, ``mixed-sizes``, ``mixed-energies``, ``duplicate-tilt``, ``unknown-tilt``,
        ``reversed-energy-axis`` or ``bad-manifest``, naming the file or line.
    """
    scans = _live_of_all([_tilt(row, limits) for row in scan_rows(files, limits)])
    series = [scan for scan in scans if scan.row.is_in_series]
    if not series:
        raise ReaderError("no scan belongs to the series: the others only look for damage", code="missing-tilt")
    order, warning = order_of([scan.angle_deg for scan in series], [scan.row.name for scan in series])
    ordered = [series[index] for index in order]
    _check_alike(ordered)
    repeated = [scan for scan in scans if scan.row.is_repeated]
    chosen = {name for name in ordered[0].parts if f"repeat_{name}" in REPEATED}
    if repeated:
        _check_alike([ordered[0], *repeated], chosen)
    arrays = [_array(name, [scan.parts[name] for scan in ordered], ordered, keep) for name in _names(ordered[0])]
    arrays += [
        _array(f"repeat_{name}", [scan.parts[name] for scan in repeated], repeated, keep)
        for name in _names(ordered[0])
        if name in chosen and repeated
    ]
    pixel = arrays[0].spacing.get("x", Quantity.unknown("nm", "the files give no scan step"))
    return Reading(
        arrays=tuple(arrays),
        metadata={**_metadata(ordered), "pixel_size_nm": pixel},
        calibration={
            "pixel_size_nm": pixel,
            "tilt_axis_deg": Quantity.unknown("deg", "the files do not say how the tilt axis lies in the image"),
        },
        original={
            "recorded": [{"angle_deg": scan.angle_deg, "is_in_series": scan.row.is_in_series} for scan in scans],
            "files": [[path.name for path in scan.row.files] for scan in scans],
        },
        acquired_at=min((scan.acquired_at for scan in scans if scan.acquired_at), default=""),
        warnings=_warnings(warning, ordered),
        format=LAYOUT,
    )


def _tilt(row: ScanRow, limits: Limits) -> _Tilt:
    parts: dict[str, Part] = {}
    metadata: dict[str, Quantity] = {}
    found: list[ScanFile] = []
    named = {signal for signals in row.files.values() for signal in signals}
    for path, signals in row.files.items():
        one = scan_file(path, signals, limits)
        for name, part in one.parts.items():
            if part.energies_eV is not None:
                check_energies(part.energies_eV, f"{name} in {path.name}")
        parts |= {name: part for name, part in one.parts.items() if name in signals or name not in named}
        metadata = {
            name: value if name not in metadata or metadata[name].value is None else metadata[name]
            for name, value in {**metadata, **one.metadata}.items()
        }
        found.append(one)
    stated, header = row.angle_deg, metadata.get("stage_alpha_deg")
    in_header = header.value if header else None
    warnings = [words for one in found for words in one.warnings]
    if stated is not None and in_header is not None and abs(stated - in_header) > _SAME_ANGLE_DEG:
        warnings.append("Some headers give other tilts than the list of scans: the list was taken.")
    angle = stated if stated is not None else in_header
    first = min((one.acquired_at for one in found if one.acquired_at), default="")
    return _Tilt(row, float("nan") if angle is None else angle, parts, metadata, first, tuple(warnings))


def _live_of_all(scans: list[_Tilt]) -> list[_Tilt]:
    """Leave live times of headers out where not every scan of the series has one: half a correction is none."""
    known = [_LIVE in scan.parts for scan in scans if scan.row.is_in_series]
    is_listed = any(_LIVE in signals for scan in scans for signals in scan.row.files.values())
    if is_listed or all(known) or not any(known):
        return scans
    words = f"The live time of the X-ray detectors is known of {sum(known)} of {len(known)} tilts: it was left out."
    return [
        replace(
            scan,
            parts={name: part for name, part in scan.parts.items() if name != _LIVE},
            warnings=(*scan.warnings, words),
        )
        for scan in scans
    ]


def _names(scan: _Tilt) -> list[str]:
    """Order signals: as they are listed, further ranges after them."""
    known = [name for name in SIGNALS if name in scan.parts]
    return known + sorted(name for name in scan.parts if name not in SIGNALS)


def _check_alike(scans: Sequence[_Tilt], names: set[str] | None = None) -> None:
    """Refuse scans that do not have the same signals of the same size, step and energies."""
    every = {name for scan in scans for name in scan.parts} if names is None else names
    for scan in scans:
        if missing := sorted(every - set(scan.parts)):
            raise ReaderError(
                f"{scan.row.name} at {scan.angle_deg:g} deg has no {missing[0]} and others have: add it or leave the "
                "tilt out",
                code="missing-tilt",
            )
    fields = {f"{name} of {scan.row.name}": scan.parts[name].shape[:2] for scan in scans for name in sorted(every)}
    check_sizes(fields, {})
    for name in sorted(every):
        first = scans[0].parts[name]
        for scan in scans[1:]:
            part, words = scan.parts[name], (scan.row.name, scans[0].row.name)
            _check_step(part, first, words)
            if part.energies_eV is not None and first.energies_eV is not None:
                check_same_energies(
                    part.energies_eV, first.energies_eV, (f"{name} of {words[0]}", f"that of {words[1]}")
                )


def _check_step(part: Part, first: Part, names: tuple[str, str]) -> None:
    for axis in "yx":
        one, other = part.spacing.get(axis), first.spacing.get(axis)
        steps = [step.value for step in (one, other) if step is not None and step.value is not None]
        if len(steps) == 2 and abs(steps[0] - steps[1]) > _SAME_STEP * steps[1]:
            raise ReaderError(
                f"{names[0]} was scanned in other steps than {names[1]}: leave it out", code="mixed-sizes"
            )


def _array(name: str, parts: Sequence[Part], scans: Sequence[_Tilt], keep: object) -> LabelledArray:
    signal = SIGNALS.get(name.removeprefix("repeat_"), SIGNALS["core_loss"])
    shape, dtype = (len(parts), *parts[0].shape), np.result_type(*(part.dtype for part in parts))
    coordinates = {"t": np.array([scan.angle_deg for scan in scans], np.float64)}
    if parts[0].energies_eV is not None:
        coordinates["e"] = parts[0].energies_eV
    reads = [part.read for part in parts]
    values: Any = SeriesOfTilts(_one_of(reads, keep), shape=shape, dtype=dtype)
    values = as_values(values) if "e" in signal.axes else np.asarray(values)
    return LabelledArray(values, signal.axes, dict(parts[0].spacing), signal.unit, coordinates, signal.kind, name)


def _one_of(reads: Sequence[Callable[[], NDArray[Any]]], keep: object) -> Callable[[int], NDArray[Any]]:
    def read(tilt: int, _kept: object = keep) -> NDArray[Any]:
        return reads[tilt]()

    return read


def _metadata(scans: Sequence[_Tilt]) -> dict[str, Quantity]:
    """Take each acquisition value from the first tilt that knows it."""
    found: dict[str, Quantity] = {
        name: Quantity.unknown(unit, "no file of the series gives it")
        for name, unit in ACQUISITION.items()
        if name not in _NOT_OF_ALL
    }
    for scan in reversed(scans):
        for name, value in scan.metadata.items():
            if name not in _NOT_OF_ALL and (value.value is not None or name not in found):
                found[name] = value
    return found


def _warnings(sorting: str, scans: Sequence[_Tilt]) -> tuple[str, ...]:
    found = [sorting] if sorting else []
    if "dark_field" not in scans[0].parts:
        found.append("No dark-field image over the raster of the spectra was found: alignment and masks need one.")
    for name in ("beam_energy_kV", "beam_current_nA", "dwell_s"):
        values = [scan.metadata[name].value for scan in scans if name in scan.metadata]
        known = [value for value in values if value is not None]
        if known and max(known) - min(known) > _SAME_VALUE * max(known):
            found.append(f"{name} differs between tilts, from {min(known):g} to {max(known):g}: the first was taken.")
        elif known and len(known) < len(scans):
            found.append(f"{name} is known of {len(known)} of {len(scans)} tilts: the first was taken.")
    return tuple(dict.fromkeys([*found, *(words for scan in scans for words in scan.warnings)]))
