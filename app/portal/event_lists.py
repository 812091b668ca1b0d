"""The quick look of a list of events: its number, its box, its columns, and pictures of where the events are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from app.portal import pictures, words
from app.portal.viewing import viewer_address

KIND = "points"
_BOX = ("x_nm", "y_nm", "z_nm")
#: Of each map what runs to the right and what runs up or down.
_AXES = {
    "density_xz": ("x", "z"),
    "density_xy": ("x", "y"),
    "hit_map": ("the detector's x", "the detector's y"),
}


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column in words, with its least and greatest value."""

    name: str
    label: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class MapPicture:
    """A picture of where events are, what it shows, and where the viewer shows it."""

    title: str
    address: str
    caption: str
    viewer: str


@dataclass(frozen=True, slots=True)
class EventLook:
    """What the page of a list shows beside its tables."""

    ions: Mapping[str, Any]
    box: list[tuple[str, float, float, str]]
    columns: list[ColumnFacts]
    pictures: list[MapPicture]


def look_of(dataset_id: str, arrays: Sequence[Mapping[str, Any]]) -> EventLook | None:
    """Describe the list of events among a dataset's arrays; None where there is none."""
    ions = next((array for array in arrays if array["kind"] == KIND), None)
    if ions is None:
        return None
    columns = [_column(ions, name) for name in ions["columns"]]
    box = [(each.label, *_rounded(each.low, each.high), each.unit) for each in columns if each.name in _BOX]
    maps = [_picture(dataset_id, array) for array in arrays if array.get("slices") and array["name"] in _AXES]
    return EventLook(ions, box, columns, maps)


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Round both ends to the same place, a ten-thousandth of what lies between them."""
    places = 3 - floor(log10(high - low)) if high > low else 6
    return round(low, places), round(high, places)


def _column(ions: Mapping[str, Any], name: str) -> ColumnFacts:
    low, high = ions["bounds"][name]
    label, own = words.label_and_unit(name)
    label = label.lower() if name in _BOX else label.replace("Mass to charge", "Mass-to-charge")
    return ColumnFacts(name, label, words.unit(ions["columns"][name] or own), low, high)


def _picture(dataset_id: str, array: Mapping[str, Any]) -> MapPicture:
    across, upright = _AXES[array["name"]]
    step = array["spacing"]["x"]
    pixel = f"{words.number(step['value'])} {words.unit(step['unit'])}"
    rows = array["coordinates"]["y"]
    way = "down" if rows[-1] > rows[0] else "up"
    most = words.number(array["statistics"]["max"])
    caption = (
        f"Ions in squares of {pixel}, at most {most} in one; {across} to the right, {upright} {way}. "
        "Black to white: the middle 99 % of the squares."
    )
    shown = pictures.of_array(f"/api/v1/datasets/{dataset_id}/arrays/{array['name']}", array)[0]
    return MapPicture(array["title"], shown.address, caption, viewer_address([f"{dataset_id}/{array['name']}"]))
