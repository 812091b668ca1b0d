"""
EMSA/MAS spectra (.msa): one spectrum as text, the form in which references of energy loss are exchanged.

Keywords of the standard begin with ``#``; values follow ``#SPECTRUM`` either alone (Y, several a line) or with their
energies (XY), up to ``#ENDOFDATA``. ISO 22029:2022.
"""

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.header_units import energy_factor_eV, known, number
from lithoscope.readers.limits import ArrayEntry, Limits, Manifest, Source, check_array
from lithoscope.readers.plain import plain
from lithoscope.units import Quantity

SUFFIXES = (".msa", ".emsa")
SMALLEST_HEADER_BYTES = 64

_LINE_END = re.compile("\r\n|\r|\n")
_MARK = b"#FORMAT"
_STANDARD = b"EMSA/MAS"
_MOST_COLUMNS = 1000
_HIGHEST_KV = 5000.0
_VALUES = {
    "beam_energy_kV": ("BEAMKV", "kV", 1.0),
    "beam_current_nA": ("PROBECUR", "nA", 1.0),
    "magnification": ("MAGCAM", "1", 1.0),
    "convergence_mrad": ("CONVANGLE", "mrad", 1.0),
    "collection_mrad": ("COLLANGLE", "mrad", 1.0),
    "dwell_s": ("DWELLTIME", "s", 1e-3),
    "exposure_s": ("INTEGTIME", "s", 1e-3),
}


def recognises(head: bytes) -> bool:
    """Tell a spectrum of the standard by its first keyword."""
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].upper()
    return first.startswith(_MARK) and _STANDARD in first


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    return start.startswith(_MARK) or _MARK.startswith(start)


def inspect(source: Source) -> Manifest:
    """Read the text, which is as small as its header, and hold its number of values against what it says."""
    spectrum = _spectrum(source)
    entry = ArrayEntry(spectrum.title, spectrum.values.shape, "<f8", None, source.size)
    check_array(entry, 8, source.limits)
    return Manifest("emsa", (entry,), {"version": spectrum.keywords.get("VERSION", "")})


def read(source: Source) -> Reading:
    """
    Read the spectrum with its energies [eV].

    Raises
    ------
    ReaderError
        ``truncated-file``, ``too-large`` or ``unreadable-file``, naming the line.
    """
    found = _spectrum(source)
    spacing, coordinates, warnings = _axis(found)
    unit = "counts" if found.keywords.get("YUNITS", "").lower() in ("counts", "count") else "1"
    array = LabelledArray(found.values, "e", spacing, unit, coordinates, "spectra", found.title)
    return Reading(
        arrays=(array,),
        metadata={**_metadata(found), "pixel_size_nm": Quantity.unknown("nm", "a single spectrum has no pixels")},
        calibration={"energy_step_eV": spacing["e"]},
        original=plain({"keywords": found.keywords}),
        acquired_at=_acquired_at(found.keywords),
        warnings=warnings,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Spectrum:
    """The text taken apart: keywords, positions if listed, values."""

    keywords: dict[str, str]
    places: NDArray[np.float64] | None
    values: NDArray[np.float64]

    @property
    def title(self) -> str:
        return self.keywords.get("TITLE") or "spectrum"


def _spectrum(source: Source) -> _Spectrum:
    if source.size > source.limits.text_bytes:
        raise ReaderError(f"a text of {source.size} bytes is too long for one spectrum", code="too-large")
    text = source.path.read_text("latin-1").lstrip("\ufeffï»¿")
    lines = _LINE_END.split(text)  # splitlines would also end one at a letter of other code pages
    keywords, begin = _keywords(lines, source.limits)
    end = next((i for i in range(begin, len(lines)) if lines[i].lstrip().upper().startswith("#ENDOFDATA")), None)
    if end is None:
        raise ReaderError("the spectrum has no #ENDOFDATA: copy it again", code="truncated-file")
    rows = [_numbers(lines[i], i + 1) for i in range(begin, end) if lines[i].strip()]
    places, values = _columns(rows, keywords)
    promised = number(keywords.get("NPOINTS"))
    if promised is None or promised < 1:
        raise ReaderError("the spectrum has no #NPOINTS, or one that is no number: export it again")
    if len(values) != promised:
        code = "truncated-file" if len(values) < promised else "unreadable-file"
        raise ReaderError(
            f"the spectrum promises {promised:.0f} values and has {len(values)}: copy it again", code=code
        )
    return _Spectrum(keywords, places, values)


def _keywords(lines: list[str], limits: Limits) -> tuple[dict[str, str], int]:
    """Read keywords up to the data; a repeated one, as comments are, keeps all its lines."""
    found: dict[str, list[str]] = {}
    for index, line in enumerate(lines[: limits.objects]):
        text = line.strip()
        if not text.startswith("#"):
            if text:
                raise ReaderError(f"line {index + 1} stands before #SPECTRUM and begins with no #: export it again")
            continue
        key, _, value = text[1:].partition(":")
        key = key.split("-")[0].strip().upper()
        if key == "SPECTRUM":
            return {name: "\n".join(each) for name, each in found.items()}, index + 1
        found.setdefault(key, []).append(value.strip())
    raise ReaderError("the spectrum has no #SPECTRUM: copy it again", code="truncated-file")


def _numbers(line: str, place: int) -> list[float]:
    try:
        values = [float(word) for word in line.replace(",", " ").split()]
    except ValueError:
        raise ReaderError(f"line {place} holds what is no number: export the spectrum again") from None
    if not all(map(math.isfinite, values)) or len(values) > _MOST_COLUMNS:
        raise ReaderError(f"line {place} holds what is no finite number: export the spectrum again")
    return values


def _columns(
    rows: list[list[float]], keywords: dict[str, str]
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    if keywords.get("DATATYPE", "Y").upper() != "XY":
        return None, np.array([value for row in rows for value in row], np.float64)
    if any(len(row) != 2 for row in rows):
        raise ReaderError("the spectrum is said to be of pairs and has lines of other lengths: export it again")
    pairs = np.array(rows, np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _axis(found: _Spectrum) -> tuple[dict[str, Quantity], dict[str, NDArray[np.float64]], tuple[str, ...]]:
    unit = found.keywords.get("XUNITS", "")
    factor = energy_factor_eV(unit)
    width, offset = number(found.keywords.get("XPERCHAN")), number(found.keywords.get("OFFSET"))
    if factor is None or (found.places is None and (not width or offset is None)):
        missing = "XUNITS is no energy" if factor is None else "there is no XPERCHAN or OFFSET"
        return {"e": Quantity.unknown("eV", missing)}, {}, (f"The spectrum has no axis of energies: {missing}.",)
    with np.errstate(over="ignore", invalid="ignore"):  # places beyond all numbers are refused with every reading's
        counted = (offset or 0.0) + (width or 1.0) * np.arange(len(found.values), dtype=np.float64)
        listed: NDArray[np.float64] = counted if found.places is None else found.places
        places, steps = listed * factor, np.diff(listed) * factor
    if len(steps) and np.isfinite(steps).all() and np.allclose(steps, steps.mean(), rtol=1e-2, atol=1e-6):
        step = known(float(steps.mean()), unit="eV", key="XPERCHAN" if found.places is None else "energies of the data")
        return {"e": step}, {"e": places}, ()
    uneven = Quantity.unknown("eV", "the energies of the data are not evenly spaced")
    return {"e": uneven}, {"e": places}, ("The energies of the spectrum are not evenly spaced.",)


def _metadata(found: _Spectrum) -> dict[str, Quantity]:
    values = {
        name: known(found.keywords.get(key) or None, unit=unit, key=key, factor=factor)
        for name, (key, unit, factor) in _VALUES.items()
    }
    energy = values["beam_energy_kV"]
    if energy.value is not None and energy.value > _HIGHEST_KV:
        values["beam_energy_kV"] = Quantity.unknown("kV", f"BEAMKV says {energy.value:g} kV: probably volts")
    tilt = found.keywords.get("XTILTSTGE") or None
    values["stage_alpha_deg"] = known(tilt, unit="deg", key="XTILTSTGE", zero_is_known=True)
    values["temperature_K"] = Quantity.unknown("K", "EMSA/MAS headers do not hold the specimen temperature")
    return values


def _acquired_at(keywords: dict[str, str]) -> str:
    from datetime import datetime

    text = f"{keywords.get('DATE', '')} {keywords.get('TIME', '')}".strip()
    for layout in ("%d-%b-%Y %H:%M", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y"):
        try:
            return datetime.strptime(text.title(), layout).isoformat()  # noqa: DTZ007 - the standard gives no zone
        except ValueError:
            continue
    return ""
