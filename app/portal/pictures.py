"""Arrays on pages: their pictures, the words under them, their scale."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from app.portal import words

WORDS = {
    "z": "middle slice across z",
    "y": "middle slice across y",
    "x": "middle slice across x",
    "t": "the tilt nearest to zero",
    "e": "sum over energy",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One mid-slice: where it is and what it shows."""

    address: str
    caption: str


def of_array(home: str, summary: Mapping[str, Any]) -> list[Picture]:
    """
    Return the mid-slices of an array.

    Parameters
    ----------
    home : str
        API address of the array: ``/api/v1/results/res_.../outputs/volume``.
    summary : mapping
        Its entry in the dataset or result.
    """
    if summary["kind"] in {"figure", "film"}:
        return [Picture(f"{home}/picture.png", summary.get("caption", ""))]
    stems = [PurePosixPath(path).stem for path in summary.get("slices", ())]
    return [Picture(f"{home}/slices/{stem}.png", WORDS.get(stem, stem)) for stem in stems]


def first(home: str, summaries: Iterable[Mapping[str, Any]]) -> Picture | None:
    """Return the first picture among arrays; None when nothing of them can be drawn."""
    return next(
        (picture for summary in summaries for picture in of_array(f"{home}/{summary['name']}", summary)[:1]), None
    )


def of_dataset(row: Any) -> Picture | None:
    """Return the picture that stands for a dataset in lists."""
    return first(f"/api/v1/datasets/{row.id}/arrays", row.arrays)


def of_result(row: Any) -> Picture | None:
    """Return the picture that stands for a result in lists."""
    return first(f"/api/v1/results/{row.id}/outputs", row.outputs)


def steps(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the steps along an array's axes, axes of one and the same step together: [("z, y, x", quantity)]."""
    together: dict[tuple[Any, ...], list[str]] = {}
    records: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for axis, record in (summary.get("spacing") or {}).items():
        key = (record["value"], record["unit"], record["source"])
        together.setdefault(key, []).append(axis)
        records.setdefault(key, record)
    return [(", ".join(axes), records[key]) for key, axes in together.items()]


def columns(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """Describe a table's columns for the page: name in the data, words and unit for the head."""
    found = []
    for name, unit in summary["columns"].items():
        label, own = words.label_and_unit(name)
        found.append({"name": name, "label": label, "unit": words.unit(unit or own)})
    return found
