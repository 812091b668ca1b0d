"""
Spectra of Velox files: X-ray streams counted into spectrum images, detectors summed, and ranges of energy loss.

A stream is a list of channel numbers with a marker between pixels. How many pixels there are is the part of the scan
that the header calls ScanArea: the raster of the stream's own settings is that of the whole frame.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.hdf5_values import first_text
from lithoscope.readers.header_units import known, number
from lithoscope.readers.limits import Limits, claimed_bytes
from lithoscope.readers.plain import lookup
from lithoscope.readers.velox_headers import header_of, parsed_json, spacing_of
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import h5py

_PIXEL_END = 65535
_DEFAULT_CHANNELS = 4096
_STORED_AXES = 3
_LIVE_UNKNOWN = "The header does not tell the live time of every X-ray detector: counts lost to dead time are unknown."


@dataclass(frozen=True, slots=True, eq=False)
class XRayScan:
    """
    The X-ray streams of one scan, not counted yet.

    Parameters
    ----------
    streams : tuple of h5py.Group
        One a detector.
    header : mapping
        Of the first.
    shape : (int, int, int)
        Rows, columns and channels.
    energies_eV : (e,) array
        Positions of the channels [eV].
    spacing : mapping of axis letter to Quantity
        Of y, x and e.
    """

    streams: "tuple[h5py.Group, ...]"
    header: dict[str, Any]
    shape: tuple[int, int, int]
    energies_eV: NDArray[np.float64]
    spacing: dict[str, Quantity]

    @classmethod
    def of(cls, streams: "list[h5py.Group]", limits: Limits) -> Self:
        """
        Say what streams will give.

        Raises
        ------
        ReaderError
            ``too-large``, or ``unreadable-file`` if they do not say how large their raster is.
        """
        header = header_of(streams[0])
        settings = parsed_json(first_text(streams[0].get("AcquisitionSettings")))
        channels = int(number(settings.get("bincount")) or _DEFAULT_CHANNELS)
        raster = _raster(header, settings)
        if raster is None:
            raise ReaderError("the Velox spectrum stream does not say how large its raster is: export it again")
        if claimed_bytes((*raster, channels), 4) > limits.array_bytes:
            raise ReaderError("the spectrum image would be larger than is allowed", code="too-large")
        energies, dispersion = energies_of(header, channels)
        spacing = {**spacing_of(header), "e": dispersion}
        return cls(tuple(streams), header, (*raster, channels), energies, spacing)

    def counts(self) -> NDArray[np.uint32]:
        """Count the streams of all detectors into one spectrum image; frames are summed."""
        total = np.zeros(self.shape, np.uint32)
        for stream in self.streams:
            _count(stream["Data"][:, 0], total)
        return total

    def labelled(self) -> LabelledArray:
        """Count, and say what was counted."""
        return LabelledArray(self.counts(), "yxe", self.spacing, "counts", {"e": self.energies_eV}, "spectra", "EDS")

    @property
    def knows_live_time(self) -> bool:
        """Say whether the header tells live and real time of every detector."""
        return all(_live_of(stream) is not None for stream in self.streams)

    def live_fraction(self) -> NDArray[np.float32]:
        """
        Return live over real time of the scan, the same for every pixel (y, x).

        Detectors weigh as much as their corrected counts: divided by it, the sum of raw counts becomes the sum of
        corrected ones even where some detectors are shadowed and hardly ever dead.
        """
        counts = np.array([_photons(stream) for stream in self.streams], np.float64)
        live = np.array([_live_of(stream) for stream in self.streams], np.float64)
        together = counts.sum() / (counts / live).sum() if counts.any() else live.mean()
        return np.full(self.shape[:2], together, np.float32)

    def labelled_live(self) -> LabelledArray:
        """Return the live fraction as an image over the raster of the spectra."""
        spacing = {axis: self.spacing[axis] for axis in "yx"}
        return LabelledArray(self.live_fraction(), "yx", spacing, "1", {}, "image", "live_fraction")

    def remarks(self) -> list[str]:
        """Tell how many frames and detectors are summed, and whether their dead time is known."""
        ends = int(np.count_nonzero(self.streams[0]["Data"][:, 0] == _PIXEL_END))
        frames = max(1, round(ends / (self.shape[0] * self.shape[1])))
        summed = [f"The spectrum image sums {frames} frames; the dwell time is that of one."] if frames > 1 else []
        unknown = [] if self.knows_live_time else [_LIVE_UNKNOWN]
        return [*summed, f"The spectrum image sums {len(self.streams)} detectors.", *unknown]


def _live_of(stream: "h5py.Group") -> float | None:
    """Live over real time of the detector of a stream, from its last frame on, whose header adds up all before it."""
    header = header_of(stream, frame=-1)
    for detector in lookup(header, "Detectors", default={}).values():
        if lookup(detector, "DetectorName") == lookup(header, "BinaryResult", "Detector"):
            live, real = number(lookup(detector, "LiveTime")), number(lookup(detector, "RealTime"))
            return live / real if live and real and 0 < live <= real else None
    return None


def _photons(stream: "h5py.Group") -> int:
    """How many X-rays a stream holds."""
    return int(np.count_nonzero(stream["Data"][:, 0] != _PIXEL_END))


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


def _count(stream: NDArray[Any], total: NDArray[np.uint32]) -> None:
    """Add a stream: every number is an X-ray's channel until the marker that ends a pixel; frames are summed."""
    rows, columns, channels = total.shape
    ends = stream == _PIXEL_END
    pixel = np.cumsum(ends)[~ends] % (rows * columns)
    channel = stream[~ends].astype(np.int64)
    inside = channel < channels
    np.add.at(total.reshape(-1), pixel[inside] * channels + channel[inside], np.uint32(1))


def energies_of(header: dict[str, Any], channels: int) -> tuple[NDArray[np.float64], Quantity]:
    """Dispersion and offset of the detector that made the spectrum [eV]."""
    wanted = lookup(header, "BinaryResult", "Detector")
    for detector in lookup(header, "Detectors", default={}).values():
        dispersion = number(lookup(detector, "Dispersion"))
        if dispersion and lookup(detector, "DetectorName") == wanted:
            offset = number(lookup(detector, "OffsetEnergy")) or 0.0
            quantity = Quantity(dispersion, "eV", "header", note="Detectors.Dispersion")
            return np.asarray(offset + dispersion * np.arange(channels), np.float64), quantity
    return np.arange(channels, dtype=float), Quantity.unknown("eV", "the header has no Detectors.Dispersion")


@dataclass(frozen=True, slots=True, eq=False)
class LossRange:
    """
    One range of energy losses of a scan, not read yet.

    Parameters
    ----------
    dataset : h5py.Dataset
        Stored (x, energy, y).
    header : mapping
    offset_eV : float or None
        First channel; None if the file does not say [eV].
    energies_eV : (e,) array
        Positions of the channels [eV].
    spacing : mapping of axis letter to Quantity
        Of y, x and e.
    """

    dataset: "h5py.Dataset"
    header: dict[str, Any]
    offset_eV: float | None
    energies_eV: NDArray[np.float64]
    spacing: dict[str, Quantity]

    @classmethod
    def of(cls, group: "h5py.Group", images: "list[LabelledArray]") -> Self:
        """Say what a range will give; without a scan step of its own it has that of an image of its size."""
        header, facts, stored = header_of(group), _loss_facts(group), group["Data"]
        if stored.ndim != _STORED_AXES:
            raise ReaderError("an energy-loss range of the Velox file is no spectrum image: export it again")
        dispersion, offset = number(facts.get("dispersion")), number(facts.get("offset"))
        spacing, raster = spacing_of(header), (stored.shape[2], stored.shape[0])
        if spacing["x"].value is None:
            same = [one for one in images if one.values.shape == raster and one.spacing["x"].value is not None]
            spacing = {axis: same[0].spacing[axis] for axis in "yx"} if same else spacing
        spacing["e"] = known(dispersion, unit="eV", key="AcquisitionMetadata.dispersion")
        energies = (offset or 0.0) + (dispersion or 1.0) * np.arange(stored.shape[1])
        return cls(stored, header, offset, np.asarray(energies, np.float64), spacing)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and channels."""
        across, channels, down = self.dataset.shape
        return down, across, channels

    def counts(self) -> NDArray[Any]:
        """Read the spectra (y, x, e)."""
        return np.ascontiguousarray(np.moveaxis(self.dataset[...], (2, 0, 1), (0, 1, 2)))

    def labelled(self) -> LabelledArray:
        """Read, and say what was read."""
        name = f"EELS from {self.offset_eV:.0f} eV" if self.offset_eV is not None else "EELS"
        return LabelledArray(self.counts(), "yxe", self.spacing, "counts", {"e": self.energies_eV}, "spectra", name)


def _loss_facts(group: "h5py.Group") -> dict[str, Any]:
    stored = group.get("AcquisitionMetadata")
    facts = parsed_json(bytes(stored[:, 0])) if stored is not None else {}
    return dict(lookup(facts, "Data", default={}))
