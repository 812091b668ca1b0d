"""What the several dialects of TIFF say about scale and acquisition."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lithoscope.readers.header_units import known, number, step
from lithoscope.readers.plain import lookup
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import tifffile

_OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"
_X_RESOLUTION, _Y_RESOLUTION = 282, 283


@dataclass(frozen=True, slots=True)
class Scales:
    """Steps of the three axes, the header they come from, and what a person should know."""

    x: Quantity
    y: Quantity
    z: Quantity
    original: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def scales(file: "tifffile.TiffFile") -> Scales:
    """Take the pixel size from the dialect that states it: FEI, then OME, then ImageJ; a print resolution is none."""
    description = file.pages.first.description
    if file.fei_metadata:
        return _fei_scales(file.fei_metadata)
    if _looks_like_ome(description):
        return _ome_scales(description)
    if file.imagej_metadata:
        return _imagej_scales(file)
    unknown = Quantity.unknown("nm", "the TIFF holds no pixel size: XResolution alone is a print resolution")
    return Scales(unknown, unknown, unknown, {"description": description[:4096]})


def fei_metadata(header: dict[str, Any] | None) -> tuple[dict[str, Quantity], str]:
    """
    Acquisition values of an FEI header.

    Returns
    -------
    metadata : mapping of str to Quantity
        Each ``header`` or ``unknown`` with the key that was lacking.
    acquired_at : str
        Date and time as written, empty if the header has none.
    """

    beam = str(lookup(header, "Beam", "Beam", default="EBeam"))
    scan = str(lookup(header, "Beam", "Scan", default="EScan"))
    metadata = {
        "beam_energy_kV": _first(header, (("Beam", "HV"), (beam, "HV")), "kV", factor=1e-3),
        "beam_current_nA": _first(header, ((beam, "BeamCurrent"),), "nA", factor=1e9),
        "dwell_s": _first(header, (("Scan", "Dwelltime"), (scan, "Dwell")), "s"),
        "exposure_s": _first(header, (("Scan", "FrameTime"), (scan, "FrameTime")), "s"),
        "magnification": Quantity.unknown("1", "TIFF headers give the field width instead"),
        "stage_alpha_deg": _first(
            header, (("Stage", "StageTa"), ("Stage", "StageT")), "deg", factor=math.degrees(1), zero_is_known=True
        ),
        "temperature_K": _first(header, (("Specimen", "Temperature"),), "K"),
        "working_distance_mm": _first(header, (("Stage", "WorkingDistance"), (beam, "WD")), "mm", factor=1e3),
    }
    return metadata, _date(header)


def _first(
    header: dict[str, Any] | None,
    places: tuple[tuple[str, str], ...],
    unit: str,
    *,
    factor: float = 1.0,
    zero_is_known: bool = False,
) -> Quantity:
    """Take the first of several entries that holds a number; programs of several years wrote it in several sections."""
    found = [
        known(lookup(header, *place), unit=unit, key=".".join(place), factor=factor, zero_is_known=zero_is_known)
        for place in places
    ]
    return next((each for each in found if each.value is not None), found[0])


def _date(header: dict[str, Any] | None) -> str:
    """Date and time as written: day and month change places with the computer's country, so they stay as they are."""
    date, time = str(lookup(header, "User", "Date", default="")), str(lookup(header, "User", "Time", default=""))
    return f"{date} {time}".strip()


def _fei_scales(header: dict[str, Any]) -> Scales:
    beam = str(lookup(header, "Beam", "Beam", default="EBeam"))
    scan = str(lookup(header, "Beam", "Scan", default="EScan"))

    def across(axis: str, length: str, pixels: str) -> Quantity:
        direct = _first(header, (("Scan", f"Pixel{length}"), (scan, f"Pixel{length}")), "nm", factor=1e9)
        if direct.value is not None:
            return direct
        field_of_view = number(lookup(header, "Scan", f"{axis}FieldsOfView")) or next(
            filter(None, (number(lookup(header, each, f"{axis}FW")) for each in (beam, "IRBeam"))), None
        )
        count = number(lookup(header, "Image", pixels))
        if not field_of_view or not count:
            return direct
        return Quantity(field_of_view / count * 1e9, "nm", "header", note=f"field of view over Image.{pixels}")

    unknown = Quantity.unknown("nm", "FEI headers of single images hold no slice distance")
    return Scales(across("H", "Width", "ResolutionX"), across("V", "Height", "ResolutionY"), unknown, dict(header))


def _looks_like_ome(description: str) -> bool:
    return description.lstrip().startswith("<") and "OME" in description[:400]


def _ome_pixels(description: str) -> Any:
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        return fromstring(description, forbid_dtd=True).find(f".//{_OME}Pixels")
    except (ParseError, ValueError):
        return None


def ome_layout(tag: Any) -> tuple[tuple[int, int, int], str] | None:
    """Lengths and letters of an OME stack's pages, slow to fast; None for files that are not OME."""
    description = tag.value if tag is not None and isinstance(tag.value, str) else ""
    pixels = _ome_pixels(description) if _looks_like_ome(description) else None
    if pixels is None:
        return None
    order = pixels.get("DimensionOrder", "XYZCT")[2:][::-1]
    lengths = [int(number(pixels.get(f"Size{axis}")) or 1) for axis in order]
    if len(lengths) != 3 or min(lengths) < 1:
        return None
    return (lengths[0], lengths[1], lengths[2]), order


def _ome_scales(description: str) -> Scales:
    pixels = _ome_pixels(description)

    def along(axis: str) -> Quantity:
        raw = None if pixels is None else pixels.get(f"PhysicalSize{axis}")
        if raw is None:
            return Quantity.unknown("nm", f"the OME header has no PhysicalSize{axis}")
        return step(raw, pixels.get(f"PhysicalSize{axis}Unit", "µm"), key=f"OME PhysicalSize{axis}")

    return Scales(along("X"), along("Y"), along("Z"), {"ome": description[:4096]})


def _imagej_scales(file: "tifffile.TiffFile") -> Scales:
    header = file.imagej_metadata or {}
    unit = str(header.get("unit", "")).replace("\\u00B5", "µ")

    def across(number_of_tag: int, name: str) -> Quantity:
        tag = file.pages.first.tags.get(number_of_tag)
        top, bottom = tag.value if tag is not None else (0, 1)
        if not top or not bottom:
            return Quantity.unknown("nm", f"the ImageJ header has no {name}")
        return step(bottom / top, unit, key=f"ImageJ {name} and unit")

    z = step(header.get("spacing"), unit, key="ImageJ spacing and unit")
    return Scales(across(_X_RESOLUTION, "XResolution"), across(_Y_RESOLUTION, "YResolution"), z, dict(header))
