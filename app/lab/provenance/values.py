"""The number asked for: a voxel of an array, a label of a segmentation, or a single number."""

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.errors import Invalid
from app.infra.exports import DamagedTree
from app.infra.storage import Store
from app.infra.voxels import NotASingleNumber, StoredArray
from app.lab.schemas import QuantityOut

LABELS_IN_TABLE = 256  # the writer names that many colours; beyond, only the largest label is known
_NOT_STATED = "the method states no uncertainty of single values"


def place_of(text: str, summary: Mapping[str, Any]) -> tuple[int, ...]:
    """Read ``z,y,x``: one index along each axis of the output, within its shape."""
    axes, shape = summary.get("axes"), summary.get("shape")
    if not axes or not shape or not str(summary["path"]).endswith(".ome.zarr"):
        raise Invalid.field("/query/voxel", f"A {summary['kind']} has no voxels: leave the parameter out.")
    words = ",".join(axes)
    parts = text.split(",")
    if len(parts) != len(axes) or not all(part.strip().isdecimal() and len(part) <= 12 for part in parts):
        raise Invalid.field("/query/voxel", f"Write the voxel as {words}: one index, counted from 0, for each axis.")
    place = tuple(int(part) for part in parts)
    if any(index >= length for index, length in zip(place, shape, strict=True)):
        lengths = " x ".join(str(length) for length in shape)
        raise Invalid.field("/query/voxel", f"The voxel lies outside the array of {lengths} ({words}).")
    return place


def voxel(store: Store, tree: str, summary: Mapping[str, Any], place: tuple[int, ...], *, made_by: str) -> QuantityOut:
    """Return the value of a voxel with its unit; a place the method left empty (NaN) is unknown."""
    unit = str(summary.get("unit") or "1")
    try:
        number = _array(store, tree, f"{summary['path']}/0").value(place)
    except NotASingleNumber as error:
        return QuantityOut(value=None, unit=unit, source="unknown", note=str(error))
    if not math.isfinite(number):
        return QuantityOut(value=None, unit=unit, source="unknown", note="the method left this place empty")
    return QuantityOut(value=float(number), unit=unit, source="measured", note=f"{made_by}; {_NOT_STATED}")


def position_of(summary: Mapping[str, Any], place: tuple[int, ...]) -> dict[str, QuantityOut]:
    """Return where a voxel's centre lies along each axis: by its coordinate, else by its step; else in pixels."""
    found: dict[str, QuantityOut] = {}
    for axis, index in zip(summary["axes"], place, strict=True):
        own = (summary.get("coordinates") or {}).get(axis)
        step = (summary.get("spacing") or {}).get(axis)
        if own is not None:
            unit = {"t": "deg", "e": "eV"}.get(axis, "1")
            found[axis] = QuantityOut(value=own[index], unit=unit, source="header", note="coordinate of the axis")
        elif step is not None and step["value"] is not None:
            spread = None if step.get("uncertainty") is None else step["uncertainty"] * index
            found[axis] = QuantityOut(
                value=step["value"] * index, unit=step["unit"], source=step["source"], uncertainty=spread
            )
        else:
            found[axis] = QuantityOut(value=float(index), unit="px", source="measured", note="the step is not known")
    return found


def check_label(store: Store, tree: str, summary: Mapping[str, Any], label: int) -> None:
    """Refuse a label that the segmentation does not hold; no voxel is read for that."""
    if summary["kind"] != "labels":
        raise Invalid.field("/query/label", f"A {summary['kind']} has no labels: leave the parameter out.")
    group = StoredArray(store, tree, str(summary["path"]), _files(store, tree)).attributes()
    named = [each["label-value"] for each in group["ome"].get("image-label", {}).get("colors", [])]
    largest = (summary.get("statistics") or {}).get("max") or 0
    if label in named or (len(named) >= LABELS_IN_TABLE - 1 and 0 < label <= largest):
        return
    raise Invalid.field("/query/label", "The segmentation holds no such label; 0 is what carries none.")


def _array(store: Store, tree: str, path: str) -> StoredArray:
    return StoredArray(store, tree, path, _files(store, tree))


@lru_cache(maxsize=128)
def _files(store: Store, tree: str) -> dict[str, str]:
    try:
        return dict(json.loads(store.read(f"{tree}/manifest.json"))["files"])
    except (FileNotFoundError, ValueError, KeyError) as error:
        raise DamagedTree(tree.rpartition("/")[2]) from error
