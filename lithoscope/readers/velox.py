"""
Velox EMD files of Thermo Fisher: images, EDS spectrum images and sums, EELS spectrum images.

Beam current and dwell time are read from the file's own JSON: the usual mappings drop them, and a dose needs both.
EDS streams are lists of channel numbers with a marker after each pixel; they are counted here, detectors summed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_values import first_text
from lithoscope.readers.header_units import known, number, step
from lithoscope.readers.limits import Limits, claimed_bytes
from lithoscope.readers.plain import lookup, plain
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import h5py

_PIXEL_END = 65535
_DEFAULT_CHANNELS = 4096
_RAD_DEG = 57.29577951308232
_STEADY_STAGE_DEG = 0.5
_PRUNED = (
    "the Velox file has a spectrum image without its spectrum stream: it was pruned, or another program made it; "
    "export it from Velox again without reducing the data"
)


def read(file: "h5py.File", limits: Limits) -> Reading:
    """
    Read an open Velox file.

    Raises
    ------
    ReaderError
        ``pruned-file`` if a spectrum image has lost its stream, ``unreadable-file`` if nothing in it can be read.
    """
    images, headers = _images(file)
    spectra, spectrum_headers, warnings = _spectra(file, images, limits)
    arrays = tuple(spectra + images)
    if not arrays:
        raise ReaderError("the Velox file holds neither images nor spectra we can read: export it again with its data")
    header = (spectrum_headers or headers or [{}])[0]
    pixel = next((array.spacing["x"] for array in arrays if "x" in array.spacing), _no_pixel_size())
    return Reading(
        arrays=arrays,
        metadata={**_metadata(header), "pixel_size_nm": pixel},
        calibration=_calibration(arrays[0], pixel),
        original=plain({"principal": header, "version": _json(first_text(file["Version"]))}),
        acquired_at=_acquired_at(header),
        warnings=tuple(warnings),
    )


def _children(file: "h5py.File", kind: str) -> Iterator["h5py.Group"]:
    parent = file.get(f"Data/{kind}")
    if parent is not None:
        yield from (parent[key] for key in parent if "Data" in parent[key])


def _json(raw: Any) -> dict[str, Any]:
    """Parse one JSON text; Velox pads it with zeros."""
    text = raw if isinstance(raw, bytes) else str(raw).encode()
    try:
        parsed = json.loads(text.split(b"\0")[0].decode("utf-8", "replace"))
    except (json.JSONDecodeError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _header(group: "h5py.Group") -> dict[str, Any]:
    stored = group.get("Metadata")
    return _json(bytes(stored[:, 0])) if stored is not None and stored.ndim == 2 and stored.shape[1] else {}


def _images(file: "h5py.File") -> tuple[list[LabelledArray], list[dict[str, Any]]]:
    arrays, headers = [], []
    shown_as = _display_names(file)
    for group in _children(file, "Image"):
        header = _header(group)
        array = _image(group, header, shown_as.get(group.name, ""))
        if array is not None:
            arrays.append(array)
            headers.append(header)
    order = sorted(range(len(arrays)), key=lambda i: (_detector_index(headers[i]) is None, -arrays[i].values.size))
    return [arrays[i] for i in order], [headers[i] for i in order]


def _detector_index(header: dict[str, Any]) -> Any:
    """Images of a detector carry its number; maps computed by Velox do not."""
    return lookup(header, "BinaryResult", "DetectorIndex")


def _display_names(file: "h5py.File") -> dict[str, str]:
    """Names under which Velox 11 and later shows its images, by the image's place in the file: the element of a map."""
    names: dict[str, str] = {}
    for display in (file.get("Displays/ImageDisplay") or {}).values():
        facts = _json(first_text(display))
        reference = file.get(str(facts.get("data", ""))) if facts.get("data") else None
        place = _json(first_text(reference)).get("dataPath")
        if place:
            names[str(place)] = str(facts.get("id", ""))
    return names


def _image(group: "h5py.Group", header: dict[str, Any], shown_as: str) -> LabelledArray | None:
    data = group["Data"]
    if data.ndim != 3:
        return None
    frames = np.stack([data[:, :, i] for i in range(data.shape[2])])  # one by one: each frame is a chunk of its own
    if frames.dtype.names:  # Fourier transforms and differential phase contrast: two real parts
        first, second = frames.dtype.names[:2]
        frames = frames[first] + 1j * frames[second]
    spacing = _spacing(header)
    name = str(lookup(header, "BinaryResult", "Detector", default="")) or "image"
    is_map = _detector_index(header) is None
    unit = "1" if is_map else "counts"
    name = f"{shown_as or name} map" if is_map else name
    if len(frames) == 1:
        return LabelledArray(frames[0], "yx", spacing, unit, {}, "image", name)
    angles = _tilts(group, len(frames))
    if angles is not None:
        return LabelledArray(frames, "tyx", spacing, unit, {"t": angles}, "tilt_series", name)
    return LabelledArray(frames, "zyx", spacing, unit, {}, "stack", name)


def _tilts(group: "h5py.Group", frames: int) -> NDArray[np.float64] | None:
    """Tilts of a stack whose stage moved between its first and last image; each image has a header of its own [deg]."""
    stored = group.get("Metadata")
    if stored is None or stored.ndim != 2 or stored.shape[1] != frames:
        return None

    def tilt(frame: int) -> float | None:
        return number(lookup(_json(bytes(stored[:, frame])), "Stage", "AlphaTilt"))

    first, last = tilt(0), tilt(frames - 1)
    if first is None or last is None or abs(last - first) * _RAD_DEG < _STEADY_STAGE_DEG:
        return None
    angles = [tilt(frame) for frame in range(frames)]
    known_angles = [angle for angle in angles if angle is not None]
    return np.array(known_angles) * _RAD_DEG if len(known_angles) == frames else None


def _spacing(header: dict[str, Any]) -> dict[str, Quantity]:
    result = lookup(header, "BinaryResult", default={})
    return {
        axis: step(lookup(result, "PixelSize", side), str(result.get(f"PixelUnit{axis.upper()}", "")),
                   key=f"BinaryResult.PixelSize.{side}")
        if "PixelSize" in result else _no_pixel_size()
        for axis, side in (("y", "height"), ("x", "width"))
    }  # fmt: skip


def _no_pixel_size() -> Quantity:
    return Quantity.unknown("nm", "the header has no BinaryResult.PixelSize")


def _spectra(
    file: "h5py.File", images: list[LabelledArray], limits: Limits
) -> tuple[list[LabelledArray], list[dict[str, Any]], list[str]]:
    arrays, headers, warnings = [], [], []
    streams = list(_children(file, "SpectrumStream"))
    if streams:
        array, header, remarks = _eds(streams, limits)
        arrays.append(array)
        headers.append(header)
        warnings += remarks
    elif any(True for _ in _children(file, "SpectrumImage")):
        raise ReaderError(_PRUNED, code="pruned-file")
    for array, header in sorted(
        (_eels(group, images) for group in _children(file, "EelsSpectrumImage")), key=_first_energy
    ):
        arrays.append(array)
        headers.append(header)
    if not streams:
        for group in _children(file, "Spectrum"):
            arrays.append(_sum_spectrum(group))
            headers.append(_header(group))
    return arrays, headers, warnings


def _eds(streams: list["h5py.Group"], limits: Limits) -> tuple[LabelledArray, dict[str, Any], list[str]]:
    header = _header(streams[0])
    settings = _json(first_text(streams[0].get("AcquisitionSettings")))
    channels = int(number(settings.get("bincount")) or _DEFAULT_CHANNELS)
    shape = _raster(header, settings)
    if shape is None:
        raise ReaderError("the Velox spectrum stream does not say how large its raster is: export it again")
    if claimed_bytes((*shape, channels), 4) > limits.array_bytes:
        raise ReaderError("the spectrum image would be larger than is allowed", code="too-large")
    total = np.zeros((*shape, channels), np.uint32)
    for stream in streams:
        total += _counted(stream["Data"][:, 0], shape, channels)
    energies, dispersion = _energies(header, channels)
    spacing = {**_spacing(header), "e": dispersion}
    remarks = []
    frames = _frames(streams[0], shape)
    if frames > 1:
        remarks.append(f"The spectrum image sums {frames} frames; the dwell time is that of one.")
    remarks.append(f"The spectrum image sums {len(streams)} detectors.")
    name = "EDS"
    return LabelledArray(total, "yxe", spacing, "counts", {"e": energies}, "spectra", name), header, remarks


def _raster(header: dict[str, Any], settings: dict[str, Any]) -> tuple[int, int] | None:
    """Rows and columns scanned: the part of the scan that ScanArea names, else the stream's own whole raster."""
    size, area = lookup(header, "Scan", "ScanSize", default={}), lookup(header, "Scan", "ScanArea", default={})
    height, width = number(size.get("height")), number(size.get("width"))
    if height is None or width is None:
        whole = lookup(settings, "RasterScanDefinition", default={})
        height, width = number(whole.get("Height")), number(whole.get("Width"))
    if not height or not width or min(height, width) < 1:
        return None
    edges = [number(area.get(edge)) for edge in ("top", "bottom", "left", "right")]
    top, bottom, left, right = (
        default if edge is None else edge for edge, default in zip(edges, (0, 1, 0, 1), strict=True)
    )
    rows, columns = round(height * (bottom - top)), round(width * (right - left))
    return (rows, columns) if rows > 0 and columns > 0 else None


def _counted(stream: NDArray[Any], shape: tuple[int, int], channels: int) -> NDArray[np.uint32]:
    """Count a stream: every number is an X-ray's channel until the marker that ends a pixel; frames are summed."""
    ends = stream == _PIXEL_END
    pixel = np.cumsum(ends)[~ends] % (shape[0] * shape[1])
    channel = stream[~ends].astype(np.int64)
    inside = channel < channels
    flat = np.bincount(pixel[inside] * channels + channel[inside], minlength=shape[0] * shape[1] * channels)
    return flat.astype(np.uint32).reshape(*shape, channels)


def _frames(stream: "h5py.Group", shape: tuple[int, int]) -> int:
    ends = int(np.count_nonzero(stream["Data"][:, 0] == _PIXEL_END))
    return max(1, round(ends / (shape[0] * shape[1])))


def _energies(header: dict[str, Any], channels: int) -> tuple[NDArray[np.float64], Quantity]:
    """Dispersion and offset of the detector that made the spectrum [eV]."""
    wanted = lookup(header, "BinaryResult", "Detector")
    for detector in lookup(header, "Detectors", default={}).values():
        dispersion = number(lookup(detector, "Dispersion"))
        if dispersion and lookup(detector, "DetectorName") == wanted:
            offset = number(lookup(detector, "OffsetEnergy")) or 0.0
            quantity = Quantity(dispersion, "eV", "header", note="Detectors.Dispersion")
            return np.asarray(offset + dispersion * np.arange(channels), np.float64), quantity
    return np.arange(channels, dtype=float), Quantity.unknown("eV", "the header has no Detectors.Dispersion")


def _eels(group: "h5py.Group", images: list[LabelledArray]) -> tuple[LabelledArray, dict[str, Any]]:
    """An EELS range: stored (x, energy, y), its scale written per row of pixels."""
    header = _header(group)
    values = np.ascontiguousarray(np.moveaxis(group["Data"][...], (2, 0, 1), (0, 1, 2)))
    facts = _eels_facts(group)
    dispersion, offset = number(facts.get("dispersion")), number(facts.get("offset"))
    spacing = _spacing(header)
    if spacing["x"].value is None:
        same = [
            image for image in images if image.values.shape == values.shape[:2] and image.spacing["x"].value is not None
        ]
        spacing = {axis: same[0].spacing[axis] for axis in "yx"} if same else spacing
    spacing["e"] = known(dispersion, unit="eV", key="AcquisitionMetadata.dispersion")
    energies = np.asarray((offset or 0.0) + (dispersion or 1.0) * np.arange(values.shape[-1]), np.float64)
    name = f"EELS from {offset:.0f} eV" if offset is not None else "EELS"
    return LabelledArray(values, "yxe", spacing, "counts", {"e": energies}, "spectra", name), header


def _first_energy(range_and_header: tuple[LabelledArray, dict[str, Any]]) -> float:
    return float(range_and_header[0].coordinates["e"][0])


def _eels_facts(group: "h5py.Group") -> dict[str, Any]:
    stored = group.get("AcquisitionMetadata")
    facts = _json(bytes(stored[:, 0])) if stored is not None else {}
    return dict(lookup(facts, "Data", default={}))


def _sum_spectrum(group: "h5py.Group") -> LabelledArray:
    header = _header(group)
    values = group["Data"][:, 0]
    energies, dispersion = _energies(header, len(values))
    name = f"EDS sum {lookup(header, 'BinaryResult', 'Detector', default='')}".strip()
    return LabelledArray(values, "e", {"e": dispersion}, "counts", {"e": energies}, "spectra", name)


def _metadata(header: dict[str, Any]) -> dict[str, Quantity]:
    def entry(section: str, key: str, unit: str, factor: float = 1.0, *, zero_is_known: bool = False) -> Quantity:
        raw = lookup(header, section, key)
        return known(raw, unit=unit, key=f"{section}.{key}", factor=factor, zero_is_known=zero_is_known)

    custom = lookup(header, "CustomProperties", "StemMagnification", "value")
    return {
        "beam_energy_kV": entry("Optics", "AccelerationVoltage", "kV", 1e-3),
        "beam_current_nA": _current(header),
        "dwell_s": entry("Scan", "DwellTime", "s"),
        "exposure_s": entry("Scan", "FrameTime", "s"),
        "magnification": known(custom, unit="1", key="CustomProperties.StemMagnification"),
        "camera_length_mm": entry("Optics", "CameraLength", "mm", 1e3),
        "convergence_mrad": entry("Optics", "BeamConvergence", "mrad", 1e3),
        "stage_alpha_deg": entry("Stage", "AlphaTilt", "deg", _RAD_DEG, zero_is_known=True),
        "temperature_K": entry("Stage", "HolderTemperature", "K"),
    }


def _current(header: dict[str, Any]) -> Quantity:
    """The beam current if the file has one, else the screen current measured last, which is before the scan."""
    for key in ("ProbeCurrent", "BeamCurrent", "LastMeasuredScreenCurrent"):
        found = known(lookup(header, "Optics", key), unit="nA", key=f"Optics.{key}", factor=1e9)
        if found.value is not None:
            return found
    return Quantity.unknown("nA", "the header has no positive Optics.LastMeasuredScreenCurrent")


def _calibration(principal: LabelledArray, pixel: Quantity) -> dict[str, Quantity]:
    found = {"pixel_size_nm": pixel}
    if "e" in principal.spacing:
        found["energy_step_eV"] = principal.spacing["e"]
    return found


def _acquired_at(header: dict[str, Any]) -> str:
    seconds = number(lookup(header, "Acquisition", "AcquisitionStartDatetime", "DateTime"))
    if not seconds or not 0 < seconds < 1e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
