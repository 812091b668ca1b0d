"""
Settings of a TIA acquisition out of its .emi file, whose binary layout is not published: only the XML inside is read.

An .emi describes each .ser beside it in an ``ObjectInfo``; a value is taken where all that name it agree.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lithoscope.errors import ReaderError
from lithoscope.readers.companions import Companion
from lithoscope.readers.header_units import known
from lithoscope.readers.xml_guard import check_xml
from lithoscope.units import Quantity

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_BEGIN, _END = b"<ObjectInfo>", b"</ObjectInfo>"
_MOST_OBJECTS = 1000
_DATE = "%a %b %d %H:%M:%S %Y"
_DESCRIBED = {
    "beam_energy_kV": ("High tension", "kV", {"kV": 1.0, "V": 1e-3}),
    "magnification": ("Magnification", "1", {"x": 1.0}),
    "camera_length_mm": ("Camera length", "mm", {"m": 1e3, "mm": 1.0}),
}


def read_emi(path: Path) -> Companion:
    """
    Read what an .emi says of its acquisition.

    Raises
    ------
    ReaderError
        ``bad-companion`` or ``unsafe-xml``.
    """
    objects = list(_objects(path))
    if not objects:
        raise ReaderError(f"{path.name} describes no acquisition: send the .emi of this .ser", code="bad-companion")
    metadata = {
        **{name: _described(objects, *entry) for name, entry in _DESCRIBED.items()},
        "stage_alpha_deg": _described(objects, "Stage A", "deg", {"deg": 1.0}, zero_is_known=True),
        "beam_current_nA": Quantity.unknown("nA", "an .emi holds the emission of the gun and no beam current"),
        "exposure_s": _time([each for each in objects if _has_camera(each)], "camera"),
        "dwell_s": _time([each for each in objects if not _has_camera(each)], "scan"),
    }
    return Companion(metadata=metadata, acquired_at=_date(_text(objects[0], "AcquireDate")))


def _objects(path: Path) -> Iterator["Element"]:
    from defusedxml.ElementTree import ParseError, fromstring

    raw, end = path.read_bytes(), 0
    for _ in range(_MOST_OBJECTS):
        begin = raw.find(_BEGIN, end)
        end = raw.find(_END, begin) + len(_END)
        if begin < 0 or end < len(_END):
            return
        check_xml(raw[begin:end])
        try:
            yield fromstring(raw[begin:end], forbid_dtd=True)
        except (ParseError, ValueError) as error:
            raise ReaderError(f"{path.name} is damaged: copy it again", code="bad-companion") from error


def _text(place: "Element", path: str) -> str:
    found = place.find(path)
    return (found.text or "").strip() if found is not None else ""


def _described(
    objects: list["Element"], label: str, unit: str, factors: dict[str, float], *, zero_is_known: bool = False
) -> Quantity:
    key = f"ExperimentalDescription {label}"
    entries = [
        f"{_text(data, 'Value')} {_text(data, 'Unit')}".strip()
        for each in objects
        for data in each.iterfind("ExperimentalDescription/Root/Data")
        if _text(data, "Label") == label
    ]
    if len(set(entries)) > 1:
        return Quantity.unknown(unit, f"{key} differs between the acquisitions of the .emi")
    value, _, spelled = (entries[0] if entries else "").partition(" ")
    if value and spelled not in factors:
        return Quantity.unknown(unit, f"{key} has no unit we know")
    return known(value or None, unit=unit, key=key, factor=factors.get(spelled, 1.0), zero_is_known=zero_is_known)


def _has_camera(described: "Element") -> bool:
    return bool(_text(described, "AcquireInfo/CameraNamePath"))


def _time(objects: list["Element"], what: str) -> Quantity:
    key = "AcquireInfo.DwellTimePath"
    given = {value for value in (_text(each, "AcquireInfo/DwellTimePath") for each in objects) if value}
    if len(given) > 1:
        return Quantity.unknown("s", f"{key} differs between the acquisitions of the .emi")
    return known(given.pop(), unit="s", key=key) if given else Quantity.unknown("s", f"no {what} of the .emi has {key}")


def _date(text: str) -> str:
    try:
        return datetime.strptime(text, _DATE).isoformat()  # noqa: DTZ007 - the program writes no zone
    except ValueError:
        return text
