"""Pictures of arrays for pages: addresses and the words under them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

WORDS = {
    "z": "middle slice across z",
    "y": "middle slice across y",
    "x": "middle slice across x",
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
