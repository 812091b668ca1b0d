"""The number asked for: a voxel of an array, a label of a segmentation, or a single number."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from app.errors import Invalid
from app.infra.exports import DamagedTree
from app.infra.storage import Store
from app.infra.voxels import NotASingleNumber, StoredArray
from app.lab.schemas import QuantityOut

LABELS_IN_TABLE = 256  # the writer names that many colours; beyond, only the largest label is known
_NOT_STATED = "the method states no uncertainty of single values"
_UNCERTAINTY, _VALID = "uncertainty", "valid"  # what methods call these maps

Validity = Literal["valid", "not_valid", "no_value", "not_recorded"]


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


def voxel(
    store: Store,
    tree: str,
    summary: Mapping[str, Any],
    place: tuple[int, ...],
    *,
    made_by: str,
    siblings: Sequence[Mapping[str, Any]] = (),
) -> QuantityOut:
    """
    Return the value of a voxel with its unit; a place the method left empty (NaN) is unknown.

    Its uncertainty is that of the same place in a map of uncertainties among the ``siblings``, where there is one.
    """
    unit = str(summary.get("unit") or "1")
    number, note = _number(store, tree, summary, place)
    if number is None:
        return QuantityOut(value=None, unit=unit, source="unknown", note=note)
    found = next((each for each in siblings if _is_uncertainty(each, summary)), None)
    spread = None if found is None else _number(store, tree, found, place)[0]
    words = _NOT_STATED if found is None else f"standard uncertainty by the map '{found['name']}'"
    return QuantityOut(value=number, unit=unit, source="measured", uncertainty=spread, note=f"{made_by}; {words}")


def validity(
    store: Store,
    tree: str,
    summary: Mapping[str, Any],
    place: tuple[int, ...],
    *,
    siblings: Sequence[Mapping[str, Any]] = (),
) -> Validity:
    """Say whether the method holds a place's value for valid, by the map called ``valid`` beside it."""
    if _number(store, tree, summary, place)[0] is None:
        return "no_value"
    axes, shape = _without_channels(summary)
    for each in siblings:
        if (each["name"], each["kind"], each.get("axes"), each.get("shape")) == (_VALID, "labels", axes, shape):
            there = tuple(index for axis, index in zip(summary["axes"], place, strict=True) if axis != "c")
            return "valid" if _number(store, tree, each, there)[0] else "not_valid"
    return "not_recorded"


def _without_channels(summary: Mapping[str, Any]) -> tuple[str, list[int]]:
    axes = summary["axes"]
    return axes.replace("c", ""), [n for axis, n in zip(axes, summary["shape"], strict=True) if axis != "c"]


def _is_uncertainty(other: Mapping[str, Any], summary: Mapping[str, Any]) -> bool:
    """Say whether an array holds the standard uncertainties of another, place by place, in its unit."""
    names = {_UNCERTAINTY, f"{summary['name']}_{_UNCERTAINTY}"} - {summary["name"]}
    return other["name"] in names and all(other.get(key) == summary.get(key) for key in ("axes", "shape", "unit"))


def _number(store: Store, tree: str, summary: Mapping[str, Any], place: tuple[int, ...]) -> tuple[float | None, str]:
    """Return a stored number, or why there is none."""
    try:
        number = _array(store, tree, f"{summary['path']}/0").value(place)
    except NotASingleNumber as error:
        return None, str(error)
    return (float(number), "") if math.isfinite(number) else (None, "the method left this place empty")


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
    group = StoredArray(store, tree, str(summary["path"]), files_of(store, tree)).attributes()
    named = [each["label-value"] for each in group["ome"].get("image-label", {}).get("colors", [])]
    largest = (summary.get("statistics") or {}).get("max") or 0
    if label in named or (len(named) >= LABELS_IN_TABLE - 1 and 0 < label <= largest):
        return
    raise Invalid.field("/query/label", "The segmentation holds no such label; 0 is what carries none.")


def _array(store: Store, tree: str, path: str) -> StoredArray:
    return StoredArray(store, tree, path, files_of(store, tree))


@lru_cache(maxsize=128)
def files_of(store: Store, tree: str) -> dict[str, str]:
    try:
        return dict(json.loads(store.read(f"{tree}/manifest.json"))["files"])
    except (FileNotFoundError, ValueError, KeyError) as error:
        raise DamagedTree(tree.rpartition("/")[2]) from error
