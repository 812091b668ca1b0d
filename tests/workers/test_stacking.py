"""Parts are stacked block by block: what is left is what stacking them whole leaves, in memory that does not grow."""

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike, NDArray

from app.infra.db.models import Dataset
from app.lab.series.room import stack_bytes
from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from workers import trees
from workers.stacking import FILE, Parts, PartsDiffer, assemble, stacked

STEP = Quantity(2.0, "nm", "header")


class Quiet:
    """A reporter nobody listens to."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def progress(self, done: int, _total: int, **_values: object) -> bool:
        """Keep what was told."""
        self.told.append(done)
        return True


def lent(folder: Path, image: NDArray[Any]) -> dict[str, Any]:
    """Keep an image as a reading does, and lend it."""
    array = LabelledArray(image, "yx", {"y": STEP, "x": STEP}, "counts", name="HAADF")
    (summary,) = trees.write(folder, {"HAADF": array}, {})
    return {"folder": str(folder), "summary": summary}


def task(parts: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Say what is to be stacked; parts lie 10 deg or nm apart."""
    numbers = list(range(1, len(parts) + 1))
    named = {"kind": kind, "numbers": numbers, "places": [10.0 * number for number in numbers]}
    return {"inputs": {"parts": parts}, "params": {**named, "series_id": "ser_1", "assembly_id": "asm_1"}}


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def stacked_whole(given: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Leave what stacking in memory leaves."""
    params, parts = given["params"], given["inputs"]["parts"]
    values = np.stack([trees.load(part).values for part in parts])
    labelled = stacked(Parts(parts, params["numbers"], print), kind=params["kind"], places=params["places"])
    array = replace(labelled, values=values)
    named = {name: params[name] for name in ("series_id", "assembly_id", "numbers")}
    write_hdf5(array, folder / FILE, attributes=named)
    return trees.write(folder / "output", {"series": array}, {})


@pytest.mark.parametrize(("kind", "dtype"), [("tilt_series", np.uint16), ("slices", np.float32), ("slices", np.uint8)])
def test_what_is_left_is_byte_for_byte_what_stacking_whole_leaves(tmp_path: Path, kind: str, dtype: DTypeLike) -> None:
    rng = np.random.default_rng(0)
    images = [rng.poisson(40.0, (66, 71)).astype(dtype) for _ in range(3)]
    three = [lent(tmp_path / f"part_{index}", image) for index, image in enumerate(images)]
    given = task((three * 30)[:67], kind)
    for name in ("whole", "blocks"):
        (tmp_path / name).mkdir()
    whole = stacked_whole(given, tmp_path / "whole")
    reporter = Quiet()
    made = assemble(given, tmp_path / "blocks" / "output", reporter)  # type: ignore[arg-type]
    assert files(tmp_path / "blocks") == files(tmp_path / "whole")
    assert made["arrays"] == whole
    assert reporter.told == sorted(reporter.told)
    assert reporter.told[-2:] == [67, 68]


@pytest.mark.parametrize(
    ("count", "shape", "dtype"),
    [(1, (1, 1), "uint8"), (150, (16, 16), "uint8"), (31, (257, 259), "uint8"), (3, (1025, 1025), "uint16")],
)
def test_the_room_that_is_asked_for_holds_even_what_cannot_be_packed(
    tmp_path: Path, count: int, shape: tuple[int, int], dtype: str
) -> None:
    """Noise takes the most: its pieces are kept as they are, and where each lies beside them."""
    rng, top = np.random.default_rng(0), np.iinfo(dtype).max
    noise = rng.integers(0, top, (count, *shape), dtype, endpoint=True)
    parts = [lent(tmp_path / str(index), image) for index, image in enumerate(noise)]
    assemble(task(parts, "tilt_series"), tmp_path / "output", Quiet())  # type: ignore[arg-type]
    found = (tmp_path / FILE).stat().st_size
    assert noise.nbytes < found <= stack_bytes([Dataset(arrays=[part["summary"]]) for part in parts])


def peak_bytes(given: dict[str, Any], folder: Path) -> int:
    """Stack, and return the most memory that arrays took."""
    folder.mkdir()
    tracemalloc.start()
    assemble(given, folder / "output", Quiet())  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_more_parts_take_no_more_memory(tmp_path: Path) -> None:
    part = lent(tmp_path / "part", np.arange(128 * 128, dtype=np.uint16).reshape(128, 128))
    assemble(task([part], "tilt_series"), tmp_path / "output", Quiet())  # type: ignore[arg-type] # what is loaded once
    some, more = (peak_bytes(task([part] * count, "tilt_series"), tmp_path / str(count)) for count in (64, 96))
    assert more < 1.2 * some  # whole in memory it is half as much again


def test_a_part_that_is_not_of_the_size_of_the_first_is_named(tmp_path: Path) -> None:
    parts = [lent(tmp_path / str(side), np.zeros((side, side), np.uint8)) for side in (8, 9)]
    with pytest.raises(PartsDiffer, match="part 2 is not of the size"):
        assemble(task(parts, "slices"), tmp_path / "output", Quiet())  # type: ignore[arg-type]
