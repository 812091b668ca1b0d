"""
Velox EMD files of Thermo Fisher: images, EDS spectrum images and sums, EELS spectrum images.

Beam current and dwell time are read from the file's own JSON: the usual mappings drop them, and a dose needs both.
EDS streams are lists of channel numbers with a marker after each pixel; they are counted here, detectors summed.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.hdf5_values import first_text
from lithoscope.readers.header_units import known, number
from lithoscope.readers.limits import Limits
from lithoscope.readers.plain import lookup, plain
from lithoscope.readers.velox_headers import children, header_of, no_pixel_size, parsed_json, spacing_of
from lithoscope.readers.velox_spectra import LossRange, XRayScan, energies_of
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import h5py

_RAD_DEG = 57.29577951308232
_STEADY_STAGE_DEG = 0.5
_COLLECTION = "EnergyFilter.CollectionAngleRange.End"
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
    images, headers = images_of(file)
    spectra, spectrum_headers, warnings = _spectra(file, images, limits)
    arrays = tuple(spectra + images)
    if not arrays:
        raise ReaderError("the Velox file holds neither images nor spectra we can read: export it again with its data")
    header = (spectrum_headers or headers or [{}])[0]
    pixel = next((array.spacing["x"] for array in arrays if "x" in array.spacing), no_pixel_size())
    return Reading(
        arrays=arrays,
        metadata={**metadata_of(header), "pixel_size_nm": pixel},
        calibration=_calibration(arrays[0], pixel),
        original=plain({"principal": header, "version": parsed_json(first_text(file["Version"]))}),
        acquired_at=acquired_at_of(header),
        warnings=tuple(warnings),
    )


def images_of(file: "h5py.File") -> tuple[list[LabelledArray], list[dict[str, Any]]]:
    """Read images and stacks of frames with the header of each, those of detectors first and the largest first."""
    arrays, headers = [], []
    shown_as = _display_names(file)
    for group in children(file, "Image"):
        header = header_of(group)
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
        facts = parsed_json(first_text(display))
        reference = file.get(str(facts.get("data", ""))) if facts.get("data") else None
        place = parsed_json(first_text(reference)).get("dataPath")
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
    spacing = spacing_of(header)
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
        return number(lookup(parsed_json(bytes(stored[:, frame])), "Stage", "AlphaTilt"))

    first, last = tilt(0), tilt(frames - 1)
    if first is None or last is None or abs(last - first) * _RAD_DEG < _STEADY_STAGE_DEG:
        return None
    angles = [tilt(frame) for frame in range(frames)]
    known_angles = [angle for angle in angles if angle is not None]
    return np.array(known_angles) * _RAD_DEG if len(known_angles) == frames else None


def _spectra(
    file: "h5py.File", images: list[LabelledArray], limits: Limits
) -> tuple[list[LabelledArray], list[dict[str, Any]], list[str]]:
    x_rays, ranges = spectra_of(file, images, limits)
    warnings = x_rays.remarks() if x_rays else []
    arrays = [*([x_rays.labelled()] if x_rays else []), *(one.labelled() for one in ranges)]
    headers = [*([x_rays.header] if x_rays else []), *(one.header for one in ranges)]
    if x_rays is not None and x_rays.knows_live_time:
        arrays.append(x_rays.labelled_live())
    if x_rays is None:
        for group in children(file, "Spectrum"):
            arrays.append(_sum_spectrum(group))
            headers.append(header_of(group))
    return arrays, headers, warnings


def spectra_of(
    file: "h5py.File", images: list[LabelledArray], limits: Limits
) -> tuple[XRayScan | None, list[LossRange]]:
    """
    Find the spectra of a scan without reading them, energy losses from the lowest on.

    Raises
    ------
    ReaderError
        ``pruned-file``, ``too-large`` or ``unreadable-file``.
    """
    streams = list(children(file, "SpectrumStream"))
    if not streams and any(True for _ in children(file, "SpectrumImage")):
        raise ReaderError(_PRUNED, code="pruned-file")
    ranges = [LossRange.of(group, images) for group in children(file, "EelsSpectrumImage")]
    return XRayScan.of(streams, limits) if streams else None, sorted(ranges, key=lambda one: one.energies_eV[0])


def _sum_spectrum(group: "h5py.Group") -> LabelledArray:
    header = header_of(group)
    values = group["Data"][:, 0]
    energies, dispersion = energies_of(header, len(values))
    name = f"EDS sum {lookup(header, 'BinaryResult', 'Detector', default='')}".strip()
    return LabelledArray(values, "e", {"e": dispersion}, "counts", {"e": energies}, "spectra", name)


def metadata_of(header: dict[str, Any]) -> dict[str, Quantity]:
    """Read the acquisition values we index."""

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
        "collection_mrad": known(
            lookup(header, "CustomProperties", _COLLECTION, "value"), unit="mrad", key=_COLLECTION, factor=1e3
        ),
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


def acquired_at_of(header: dict[str, Any]) -> str:
    """Read when the acquisition began; empty if the header does not say."""
    seconds = number(lookup(header, "Acquisition", "AcquisitionStartDatetime", "DateTime"))
    if not seconds or not 0 < seconds < 1e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
