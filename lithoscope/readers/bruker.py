"""
Bruker spectrum images (.bcf): the X-ray map and the images of its detectors.

Read by ourselves rather than by RosettaSciIO, whose unpacking writes where a damaged file tells it to.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.readers.base import Reading
from lithoscope.readers.bruker_container import MAGIC, Container
from lithoscope.readers.bruker_spectra import counted
from lithoscope.readers.header_units import known, number
from lithoscope.readers.limits import ArrayEntry, Manifest, Source, check_array
from lithoscope.readers.plain import plain
from lithoscope.readers.xml_guard import check_xml
from lithoscope.units import Quantity

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SUFFIXES = (".bcf",)
SMALLEST_HEADER_BYTES = 512

_HEADER, _SPECTRA = "HeaderData", "SpectrumData"
_MOST_PLANES = 64


def recognises(head: bytes) -> bool:
    """Tell a Bruker container by its first eight bytes."""
    return head.startswith(MAGIC)


def may_begin(head: bytes) -> bool:
    """Tell whether these few bytes could be the beginning of one."""
    return MAGIC.startswith(head[: len(MAGIC)])


def inspect(source: Source) -> Manifest:
    """Hold the container's tables against the file and the map it promises against the limits."""
    opened = _Map.of(source)
    opened.container.check(opened.stream)
    stored = opened.container.streams[opened.stream].size
    spectra = ArrayEntry("EDS", opened.shape, "<u4", None, max(stored, source.limits.ratio_floor_bytes))
    check_array(spectra, np.dtype(spectra.dtype).itemsize, source.limits)
    images = [
        ArrayEntry(name, opened.shape[:2], f"<u{raw.itemsize}", None, raw.nbytes) for name, raw in opened.images()
    ]
    return Manifest("bruker", (spectra, *images), {"version": opened.fact("Header/FileVersion")})


def read(source: Source) -> Reading:
    """
    Read the first map of the file and the images recorded with it.

    Raises
    ------
    ReaderError
        ``truncated-file``, ``compression-ratio``, ``too-large``, ``unsafe-xml`` or ``unreadable-file``.
    """
    opened = _Map.of(source)
    spacing = opened.spacing()
    step = known(opened.number("CalibLin"), unit="eV", key="CalibLin", factor=1e3)
    first = opened.number("CalibAbs")
    coordinates: dict[str, NDArray[np.float64]] = {}
    if first is not None and step.value is not None:
        coordinates["e"] = np.asarray(1e3 * first + step.value * np.arange(opened.shape[2]), np.float64)
    values = counted(opened.container.read(opened.stream), opened.shape)
    spectra = LabelledArray(values, "yxe", {**spacing, "e": step}, "counts", coordinates, "spectra", "EDS")
    images = [LabelledArray(raw, "yx", spacing, "counts", {}, "image", name) for name, raw in opened.images()]
    more = sum(name.startswith(_SPECTRA) for name in opened.container.streams) - 1
    return Reading(
        arrays=(spectra, *images),
        metadata={**opened.metadata(), "pixel_size_nm": spacing["x"]},
        calibration={"pixel_size_nm": spacing["x"], "energy_step_eV": step},
        original=plain(opened.original()),
        acquired_at=opened.acquired_at(),
        warnings=(f"The file holds {more} more maps: the first was read.",) if more else (),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Map:
    """An open file: its container, its header and the stream of its first map."""

    container: Container
    root: "Element"
    stream: str
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, source: Source) -> "_Map":
        container = Container(source.path, source.limits)
        stream = min((name for name in container.streams if name.startswith(_SPECTRA)), default=None)
        if stream is None:
            raise ReaderError("the Bruker file holds no spectrum image: export it again with its data")
        root = _header(container.read(_HEADER), source.limits.text_bytes)
        image, spectrum = _image(root), root.find(f"./{stream}/ClassInstance")
        lengths = [number(_text(image, name)) for name in ("Height", "Width")]
        lengths.append(number(_text(_header_of(spectrum, "TRTSpectrumHeader"), "ChannelCount")))
        if any(not length or length < 1 or length != round(length) for length in lengths):
            raise ReaderError("the Bruker file does not say how large its spectrum image is: export it again")
        rows, columns, channels = (round(length or 0) for length in lengths)
        return cls(container, root, stream, (rows, columns, channels))

    def fact(self, path: str) -> str:
        """Read one text of the header."""
        return _text(self.root, path)

    def _of(self, kind: str) -> "Element | None":
        own = self.root.find(f"./ClassInstance[@Type='{kind}']")
        return own if own is not None else _header_of(self.root.find(f"./{self.stream}/ClassInstance"), kind)

    def number(self, name: str, kind: str = "TRTSpectrumHeader") -> float | None:
        """Read one number of a part of the header; decimals may stand behind a comma."""
        return number(_text(self._of(kind), name).replace(",", ".") or None)

    def spacing(self) -> dict[str, Quantity]:
        """Read the scan step, written in um."""
        return {
            axis: known(self.number(key, "TRTSEMData"), unit="nm", key=f"TRTSEMData.{key}", factor=1e3)
            for axis, key in (("y", "DY"), ("x", "DX"))
        }

    def images(self) -> list[tuple[str, NDArray[Any]]]:
        """Read the images that are not blank."""
        node = _image(self.root)
        width, count = _text(node, "ItemSize"), number(_text(node, "PlaneCount")) or 0
        if width not in ("1", "2", "4") or not 0 <= count <= _MOST_PLANES:
            raise ReaderError("the images of the Bruker file are of an unknown kind: export it again")
        found = []
        for index in range(int(count)):
            plane = node.find(f"./Plane{index}") if node is not None else None
            try:
                raw = np.frombuffer(base64.b64decode(_text(plane, "Data"), validate=False), f"<u{width}")
            except (binascii.Error, ValueError):
                raise ReaderError("an image of the Bruker file is damaged: copy it again") from None
            if len(raw) != self.shape[0] * self.shape[1]:
                raise ReaderError(
                    "an image of the Bruker file is not of its size: copy it again", code="truncated-file"
                )
            if raw.any():
                found.append((_text(plane, "Description") or "image", raw.reshape(self.shape[:2])))
        return found

    def metadata(self) -> dict[str, Quantity]:
        """Read the acquisition values we index."""
        dsp = [self.number(key, "TRTDSPConfiguration") for key in ("PixelTime", "PixelAverage")]
        dwell = None if None in dsp else (dsp[0] or 0.0) * (dsp[1] or 0.0)
        energy = self.number("PrimaryEnergy", "TRTESMAHeader")
        return {
            "beam_energy_kV": known(energy, unit="kV", key="TRTESMAHeader.PrimaryEnergy"),
            "beam_current_nA": Quantity.unknown("nA", "Bruker headers do not hold the beam current"),
            "dwell_s": known(dwell, unit="s", key="TRTDSPConfiguration.PixelTime x PixelAverage", factor=1e-6),
            "magnification": known(self.number("Mag", "TRTSEMData"), unit="1", key="TRTSEMData.Mag"),
            "stage_alpha_deg": known(
                self.number("Tilt", "TRTSEMStageData"), unit="deg", key="TRTSEMStageData.Tilt", zero_is_known=True
            ),
            "temperature_K": Quantity.unknown("K", "Bruker headers do not hold the specimen temperature"),
        }

    def original(self) -> dict[str, Any]:
        """Keep the parts of the header that say how it was recorded."""
        kinds = ("TRTSEMData", "TRTSEMStageData", "TRTDSPConfiguration", "TRTESMAHeader", "TRTSpectrumHeader")
        return {kind: {child.tag: child.text or "" for child in node} for kind in kinds if (node := self._of(kind))}

    def acquired_at(self) -> str:
        """Read when the map was begun; empty if unknown."""
        text = f"{self.fact('Header/Date')} {self.fact('Header/Time')}"
        try:
            return datetime.strptime(text, "%d.%m.%Y %H:%M:%S").isoformat()  # noqa: DTZ007 - the header gives no zone
        except ValueError:
            return ""


def _header(raw: bytes, most: int) -> "Element":
    if len(raw) > most:
        raise ReaderError(f"the header of the Bruker file has {len(raw)} bytes: too many to read", code="too-large")
    check_xml(raw)
    from defusedxml.ElementTree import fromstring

    root = fromstring(raw, forbid_dtd=True).find("./ClassInstance[@Type='TRTSpectrumDatabase']")
    if root is None:
        raise ReaderError("the header of the Bruker file describes no spectrum image: export it again")
    found: Element = root
    return found


def _image(root: "Element") -> "Element | None":
    nodes = root.findall("./ClassInstance[@Type='TRTImageData']")
    return next((node for node in nodes if not node.get("Name")), None)


def _header_of(spectrum: "Element | None", kind: str) -> "Element | None":
    """Find a header among those of a spectrum."""
    if spectrum is None:
        return None
    places = (f"./ClassInstance[@Type='{kind}']", f"./TRTHeaderedClass/ClassInstance[@Type='{kind}']")
    return next((node for place in places if (node := spectrum.find(place)) is not None), None)


def _text(node: "Element | None", path: str) -> str:
    return ((node.findtext(path) if node is not None else None) or "").strip()
