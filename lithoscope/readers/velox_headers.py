"""Where a Velox file keeps its groups, and what the JSON beside each of them says."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lithoscope.readers.header_units import step
from lithoscope.readers.plain import lookup
from lithoscope.units import Quantity

if TYPE_CHECKING:
    import h5py


def children(file: "h5py.File", kind: str) -> Iterator["h5py.Group"]:
    """Go through the groups of one kind that hold data."""
    parent = file.get(f"Data/{kind}")
    if parent is not None:
        yield from (parent[key] for key in parent if "Data" in parent[key])


def parsed_json(raw: Any) -> dict[str, Any]:
    """Parse one JSON text; Velox pads it with zeros."""
    text = raw if isinstance(raw, bytes) else str(raw).encode()
    try:
        parsed = json.loads(text.split(b"\0")[0].decode("utf-8", "replace"))
    except (json.JSONDecodeError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def header_of(group: "h5py.Group", frame: int = 0) -> dict[str, Any]:
    """Parse the header beside a group's data, that of its first frame unless another is named."""
    stored = group.get("Metadata")
    known = stored is not None and stored.ndim == 2 and stored.shape[1]
    return parsed_json(bytes(stored[:, frame % stored.shape[1]])) if known else {}


def spacing_of(header: dict[str, Any]) -> dict[str, Quantity]:
    """Read the scan step along y and x, whatever unit each is written in [nm]."""
    result = lookup(header, "BinaryResult", default={})
    return {
        axis: step(lookup(result, "PixelSize", side), str(result.get(f"PixelUnit{axis.upper()}", "")),
                   key=f"BinaryResult.PixelSize.{side}")
        if "PixelSize" in result else no_pixel_size()
        for axis, side in (("y", "height"), ("x", "width"))
    }  # fmt: skip


def no_pixel_size() -> Quantity:
    """Say that a header has no pixel size."""
    return Quantity.unknown("nm", "the header has no BinaryResult.PixelSize")
