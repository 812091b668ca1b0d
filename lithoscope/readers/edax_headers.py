"""
Headers of EDAX files (Genesis, TEAM): of a map (.spd), of a spectrum (.spc) and of an image (.ipr), little-endian.

Nothing is packed in these files, so that each count of a header is held against the length of its file before it is
believed. A map holds counts and lengths only: its energies stand in the .spc and its pixel in the .ipr beside it.

References
----------
EDAX, "SpcMap (SPD) file format", "Spectrum file format V70" and "Image IPR format", as published with RosettaSciIO.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any

from lithoscope.errors import ReaderError
from lithoscope.readers.companions import Companion
from lithoscope.readers.header_units import known
from lithoscope.readers.limits import claimed_bytes
from lithoscope.units import Quantity

TAG = b"MAPSPECTRA_DATA"
_TAG_BYTES = 16
_MAP = struct.Struct("<iiiIIIII120s")
_SPECTRUM_BYTES, _IMAGE_BYTES = 736, {333: 252, 334: 264}
_VERSIONS = (0.61, 0.70)
_TYPES = {1: "<u1", 2: "<u2", 4: "<u4"}
_MOST_ELEMENTS = 48
_FIRST_YEAR = 1980
_MOMENT = ("year", "month", "day", "hour", "minute", "second")
_SPECTRUM = {
    "fVersion": (0, "f"), "year": (16, "h"), "day": (18, "B"), "month": (19, "B"), "minute": (20, "B"),
    "hour": (21, "B"), "second": (23, "B"), "dataStart": (28, "i"), "numPts": (32, "h"), "workingDist": (36, "h"),
    "evPerChan": (384, "i"), "startEnergy": (448, "f"), "endEnergy": (452, "f"), "liveTime": (456, "f"),
    "tilt": (460, "f"), "takeoff": (464, "f"), "detReso": (472, "f"), "azimuth": (508, "f"), "elevation": (512, "f"),
    "kV": (532, "f"), "numElem": (638, "h"),
}  # fmt: skip
_IMAGE = {
    "version": (0, "H"), "presetMode": (18, "H"), "presetTime": (20, "I"), "accV": (52, "H"), "tilt": (54, "h"),
    "mag": (58, "I"), "wd": (62, "H"), "mppX": (64, "f"), "mppY": (68, "f"),
}  # fmt: skip
_CLOCK = 0


@dataclass(frozen=True, slots=True)
class MapHeader:
    """
    What a map says of itself, held against its file.

    Parameters
    ----------
    version, spectra, frames : int
        As written: version, number of spectra, frames of a live map.
    shape : (int, int, int)
        Lines, points and channels.
    dtype : str
        Numpy's name of a count.
    offset : int
        Where the counts begin [bytes].
    image : str
        Name of the electron image, without its folder.
    """

    version: int
    spectra: int
    frames: int
    shape: tuple[int, int, int]
    dtype: str
    offset: int
    image: str


def is_map(head: bytes) -> bool:
    """Tell a map by its tag."""
    return head.startswith(TAG)


def is_spectrum(head: bytes) -> bool:
    """Tell a spectrum, which has no mark, by a version that is known and counts that can be."""
    if len(head) < _SPECTRUM_BYTES:
        return False
    found = _fields(head, _SPECTRUM)
    return _is_version(head) and found["numPts"] > 0 and found["dataStart"] >= _SPECTRUM_BYTES


def may_begin_spectrum(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of a spectrum."""
    return len(head) < _SPECTRUM_BYTES and _is_version(head)


def map_header(path: Path) -> MapHeader:
    """
    Read the header of a map.

    Raises
    ------
    ReaderError
        ``truncated-file`` or ``unreadable-file``.
    """
    raw = _begin(path, _TAG_BYTES + _MAP.size)
    version, spectra, points, lines, channels, width, offset, frames, image = _MAP.unpack_from(raw, _TAG_BYTES)
    shape = (lines, points, channels)
    if min(shape) < 1 or width not in _TYPES or offset < len(raw):
        raise ReaderError("the EDAX map has no pixels, or counts of no known width: its header is damaged")
    _check_length(path, offset, claimed_bytes(shape, width))
    name = PureWindowsPath(image.split(b"\0")[0].decode("latin-1")).name
    return MapHeader(version, spectra, frames, shape, _TYPES[width], offset, name)


def spectrum_header(path: Path) -> dict[str, Any]:
    """
    Read the header of a spectrum.

    Returns
    -------
    header : mapping
        Fields by their published names, and ``elements``, atomic numbers that were identified.

    Raises
    ------
    ReaderError
        ``truncated-file`` or ``type-mismatch``.
    """
    raw = _begin(path, _SPECTRUM_BYTES)
    if not is_spectrum(raw):
        raise ReaderError(f"{path.name} is no EDAX spectrum of a version that is read", code="type-mismatch")
    found = _fields(raw, _SPECTRUM)
    _check_length(path, found["dataStart"], 4 * found["numPts"])
    count = min(max(found["numElem"], 0), _MOST_ELEMENTS)
    return {**found, "elements": list(struct.unpack_from(f"<{count}H", raw, 640))}


def spectrum_settings(header: dict[str, Any]) -> dict[str, Quantity]:
    """Name the settings that a spectrum holds; its current is that of an X-ray tube and none of a microscope."""
    return {
        "beam_energy_kV": known(header["kV"], unit="kV", key="spc kV"),
        "stage_alpha_deg": known(header["tilt"], unit="deg", key="spc tilt", zero_is_known=True),
        "live_time_s": known(header["liveTime"], unit="s", key="spc liveTime"),
        "working_distance_mm": known(header["workingDist"], unit="mm", key="spc workingDist", factor=0.01),
    }


def energies(header: dict[str, Any]) -> tuple[float | None, Quantity]:
    """Return the first energy [eV], None if unknown, and the step: written in keV and in eV."""
    first = known(header["startEnergy"], unit="eV", key="spc startEnergy", factor=1e3, zero_is_known=True)
    return first.value, known(header["evPerChan"], unit="eV", key="spc evPerChan")


def acquired_at(header: dict[str, Any]) -> str:
    """Spell when a spectrum was taken; empty if nothing possible is written."""
    if header["year"] < _FIRST_YEAR:
        return ""
    try:
        moment = datetime(*(header[key] for key in _MOMENT))  # noqa: DTZ001 - the header gives no zone
    except ValueError:
        return ""
    return moment.isoformat()


def read_spectrum_beside(path: Path) -> Companion:
    """
    Read what the .spc beside a map says of it.

    Raises
    ------
    ReaderError
        ``bad-companion``.
    """
    try:
        header = spectrum_header(path)
    except ReaderError as error:
        raise ReaderError(f"{path.name}: {error}", code="bad-companion") from error
    first, step = energies(header)
    return Companion(
        metadata=spectrum_settings(header), acquired_at=acquired_at(header), steps={"e": step}, first_eV=first
    )


def read_image_beside(path: Path) -> Companion:
    """
    Read what the .ipr of the electron image says of the map taken over it.

    Raises
    ------
    ReaderError
        ``bad-companion``.
    """
    size = path.stat().st_size
    raw = _begin(path, min(_IMAGE_BYTES.values()), code="bad-companion")
    found = _fields(raw, _IMAGE)
    if _IMAGE_BYTES.get(found["version"], size + 1) > size:
        raise ReaderError(f"{path.name} is cut or no EDAX image description", code="bad-companion")
    dwell = known(found["presetTime"], unit="s", key="ipr presetTime", factor=1e-3)
    if found["presetMode"] != _CLOCK:
        dwell = Quantity.unknown("s", "ipr presetTime counts the time the detector was live, not that of the beam")
    metadata = {
        "dwell_s": dwell,
        "magnification": known(found["mag"], unit="1", key="ipr mag"),
        "beam_energy_kV": known(found["accV"], unit="kV", key="ipr accV", factor=0.1),
        "stage_alpha_deg": known(found["tilt"], unit="deg", key="ipr tilt", zero_is_known=True),
        "working_distance_mm": known(found["wd"], unit="mm", key="ipr wd"),
    }
    steps = {
        axis: known(found[key], unit="nm", key=f"ipr {key}", factor=1e3) for axis, key in (("y", "mppY"), ("x", "mppX"))
    }
    return Companion(metadata=metadata, steps=steps)


def _is_version(head: bytes) -> bool:
    return len(head) >= 4 and round(float(struct.unpack_from("<f", head)[0]), 2) in _VERSIONS


def _fields(raw: bytes, layout: dict[str, tuple[int, str]]) -> dict[str, Any]:
    return {name: struct.unpack_from(f"<{form}", raw, offset)[0] for name, (offset, form) in layout.items()}


def _begin(path: Path, length: int, *, code: str = "truncated-file") -> bytes:
    with path.open("rb") as stream:
        raw = stream.read(length)
    if len(raw) < length:
        raise ReaderError(f"{path.name} ends inside its header: copy it again", code=code)
    return raw


def _check_length(path: Path, offset: int, length: int) -> None:
    size = path.stat().st_size
    if offset + length > size:
        raise ReaderError(
            f"the EDAX header promises {offset + length} bytes and the file has {size}: copy it again",
            code="truncated-file",
        )
