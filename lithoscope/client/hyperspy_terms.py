"""An array's axes and its dataset's quantities in HyperSpy's words: plain dictionaries, no import of HyperSpy."""

from collections.abc import Mapping, Sequence
from typing import Any

from lithoscope.client.arrays import AXIS_UNITS
from lithoscope.units import Quantity

#: Where HyperSpy keeps a quantity; the units are the same.
PLACES = {
    "beam_energy_kV": "Acquisition_instrument.TEM.beam_energy",
    "beam_current_nA": "Acquisition_instrument.TEM.beam_current",
    "camera_length_mm": "Acquisition_instrument.TEM.camera_length",
    "convergence_mrad": "Acquisition_instrument.TEM.convergence_angle",
    "collection_mrad": "Acquisition_instrument.TEM.Detector.EELS.collection_angle",
}
_NAMES = {"e": "Energy", "t": "tilt", "c": "channel"}


def axes_of(
    dims: str,
    shape: Sequence[int],
    coordinates: Mapping[str, Sequence[float]],
    units: Mapping[str, str],
    *,
    signal: str,
) -> list[dict[str, Any]]:
    """
    Describe axes as HyperSpy's signals take them.

    Parameters
    ----------
    dims : str
        One letter an axis, slow to fast.
    shape : sequence of int
        Places along each.
    coordinates : mapping of letter to sequence of float
        Positions along an axis, where they are known; uneven ones become a data axis.
    units : mapping of letter to str
        Their units.
    signal : str
        Letters of the signal's axes; all others are walked through.
    """
    return [
        _axis(dim, size, coordinates.get(dim), units.get(dim, AXIS_UNITS.get(dim, "")), is_walked=dim not in signal)
        for dim, size in zip(dims, shape, strict=True)
    ]


def _axis(dim: str, size: int, places: Sequence[float] | None, unit: str, *, is_walked: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {"name": _NAMES.get(dim, dim), "size": size, "navigate": is_walked}
    if places is None or size < 2:
        start = float(places[0]) if places is not None and size else 0.0
        return axis | {"scale": 1.0, "offset": start, "units": unit if places is not None else ""}
    step = (float(places[-1]) - float(places[0])) / (size - 1)
    off = max(abs(float(place) - float(places[0]) - index * step) for index, place in enumerate(places))
    if off > 1e-3 * abs(step):
        return {"name": axis["name"], "axis": [float(place) for place in places], "navigate": is_walked, "units": unit}
    return axis | {"scale": step, "offset": float(places[0]), "units": unit}


def metadata_of(title: str, quantities: Mapping[str, Quantity]) -> dict[str, Any]:
    """Put title and known quantities where HyperSpy looks for them; what is not known is left out."""
    tree: dict[str, Any] = {"General": {"title": title}, "Signal": {"signal_type": ""}}
    for name, place in PLACES.items():
        quantity = quantities.get(name)
        if quantity is not None and quantity.value is not None:
            *folders, leaf = place.split(".")
            branch = tree
            for folder in folders:
                branch = branch.setdefault(folder, {})
            branch[leaf] = quantity.value
    return tree


def signal_axes(dims: str) -> str:
    """Return the axes of the signal: energy where there is one, else the last two of space, else the last."""
    if "e" in dims:
        return "e"
    plane = [dim for dim in dims if dim in "zyx"][-2:]
    return "".join(plane) if len(plane) == 2 else dims[-1:]
