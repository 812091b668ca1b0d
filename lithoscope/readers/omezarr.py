"""Our own OME-Zarr 0.5 images back into arrays, scale, sources, tilt angles and all."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ReaderError
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import zarr

_UNITS = {"nanometer": ("nm", 1.0), "micrometer": ("nm", 1e3), "angstrom": ("nm", 0.1), "meter": ("nm", 1e9),
          "millimeter": ("nm", 1e6), "picometer": ("nm", 1e-3)}  # fmt: skip


@dataclass(frozen=True)
class OmeZarrImage:
    """
    An open image: read its levels piece by piece.

    Parameters
    ----------
    levels : tuple of zarr.Array
        From full size downward; slicing one reads only the chunks it touches.
    axes, kind, unit, name : str
        As in `LabelledArray`.
    spacing : mapping of axis letter to Quantity
        Steps of level 0.
    coordinates : mapping of axis letter to array
        Tilt angles and other uneven positions.
    attributes : mapping
        What the writer was given to keep.
    labels : mapping of axis letter to tuple of str
        Names along an axis.
    """

    levels: "tuple[zarr.Array[Any], ...]"
    axes: str
    kind: str
    unit: str
    name: str
    spacing: dict[str, Quantity]
    coordinates: dict[str, NDArray[np.float64]]
    attributes: dict[str, Any]
    labels: dict[str, tuple[str, ...]]

    def array(self) -> LabelledArray:
        """Read level 0 into memory."""
        values = np.asarray(self.levels[0][...])
        return LabelledArray(
            values, self.axes, self.spacing, self.unit, self.coordinates, self.kind, self.name, self.labels
        )


def read_omezarr(folder: Path) -> LabelledArray:
    """
    Read the full-size level of an OME-Zarr 0.5 image.

    Images that Lithoscope wrote come back with sources, uncertainties, kind and tilt angles; for others the scale's
    source is ``header`` where an axis has a unit, and unknown where it has none.
    """
    return open_omezarr(folder).array()


def open_omezarr(folder: Path) -> OmeZarrImage:
    """
    Open an OME-Zarr 0.5 image without reading pixels.

    Raises
    ------
    ReaderError
        ``unreadable-file`` if the folder is no OME-Zarr 0.5 image.
    """
    import zarr

    try:
        group = zarr.open_group(folder, mode="r", zarr_format=3)
        attributes: dict[str, Any] = dict(group.attrs)
        multiscale: dict[str, Any] = attributes["ome"]["multiscales"][0]
        levels = tuple(group[dataset["path"]] for dataset in multiscale["datasets"])
    except (KeyError, IndexError, TypeError, ValueError, OSError) as error:
        raise ReaderError("the folder is no OME-Zarr 0.5 image: its group names no multiscales") from error
    own = attributes.get("lithoscope")
    return _own(levels, own) if isinstance(own, dict) and "spacing" in own else _foreign(levels, multiscale)


def _own(levels: tuple[Any, ...], own: dict[str, Any]) -> OmeZarrImage:
    return OmeZarrImage(
        levels=levels,
        axes=own["axes"],
        kind=own["kind"],
        unit=own["unit"],
        name=own["name"],
        spacing={axis: Quantity.from_json(record) for axis, record in own["spacing"].items()},
        coordinates={axis: np.array(places, np.float64) for axis, places in own["coordinates"].items()},
        attributes=own.get("attributes", {}),
        labels={axis: tuple(names) for axis, names in own.get("labels", {}).items()},
    )


def _foreign(levels: tuple[Any, ...], multiscale: dict[str, Any]) -> OmeZarrImage:
    axes = "".join(str(axis["name"])[:1].lower() for axis in multiscale["axes"])
    scale = multiscale["datasets"][0]["coordinateTransformations"][0]["scale"]
    spacing = {
        axis: _step(record, value)
        for axis, record, value in zip(axes, multiscale["axes"], scale, strict=True)
        if axis in "zyx"
    }
    kind = "volume" if "z" in axes else "image"
    return OmeZarrImage(levels, axes, kind, "1", str(multiscale.get("name", "data")), spacing, {}, {}, {})


def _step(record: dict[str, Any], value: float) -> Quantity:
    known = _UNITS.get(str(record.get("unit", "")))
    if known is None:
        return Quantity.unknown("nm", f"axis {record['name']} of the OME-Zarr image has no unit")
    return Quantity(float(value) * known[1], known[0], "header", note="OME-Zarr coordinateTransformations")
