"""The body of a job that stacks the parts of a growing series into one array and one file, never whole in memory."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.numerics.common.series import as_values
from lithoscope.readers.omezarr import OmeZarrImage, open_omezarr
from lithoscope.rules.growing_series import STACKED
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from workers import trees
from workers.reporting import Reporter

FILE = "assembled.h5"
#: Steps between slices that differ by less are one step.
EVEN = 1e-3
_OPEN = 64


class PartsDiffer(ScienceError):
    """Parts of a series do not have one shape and type."""

    code = "parts-differ"


class Parts:
    """
    The images of parts as the one array (part, y, x) they make, read block by block.

    Parameters
    ----------
    lent : list of dict
        Folder and summary of each, in order.
    numbers : list of int
        What each is called where it differs from the first.
    seen : callable
        Is told how many parts were read so far.
    """

    def __init__(self, lent: list[dict[str, Any]], numbers: list[int], seen: Callable[[int], object]) -> None:
        self.first = _opened(lent[0])
        level = self.first.levels[0]
        self.shape: tuple[int, ...] = (len(lent), *level.shape[-2:])
        self.ndim, self.dtype = 3, level.dtype
        self.size = int(np.prod(self.shape, dtype=object))
        self._lent, self._numbers, self._seen = lent, numbers, seen
        self._level = lru_cache(maxsize=_OPEN)(self._checked)

    def __getitem__(self, place: tuple[slice, ...]) -> NDArray[Any]:
        """Read one place of a row of parts."""
        wanted = range(*place[0].indices(self.shape[0]))
        found = np.stack([self._image(index, *place[1:]) for index in wanted])
        self._seen(wanted.stop)
        return found

    def _image(self, index: int, rows: slice, columns: slice) -> NDArray[Any]:
        level = self._level(index)
        return np.asarray(level[(*(0 for _ in level.shape[:-2]), rows, columns)])

    def _checked(self, index: int) -> Any:
        """Open the one image of a part; its law was judged by what its rows say, this is what its arrays hold."""
        level = _opened(self._lent[index]).levels[0]
        if level.shape[-2:] != self.shape[1:] or level.dtype != self.dtype:
            number = self._numbers[index]
            raise PartsDiffer(f"part {number} is not of the size and type of the first: replace it")
        return level


def assemble(task: dict[str, Any], output: Path, reporter: Reporter) -> dict[str, Any]:
    """
    Stack parts in the order given and write the whole as arrays and as one file beside them.

    The file is written block by block from the parts, and the arrays from the file, so that memory does not grow with
    the series. The task holds ``inputs`` (``parts``: folder and summary of each) and ``params``: ``kind``, ``numbers``,
    ``places`` (tilts [deg] or depths [nm], None where unknown) and the identifiers of series and assembly, which the
    file keeps.
    """
    params, lent = task["params"], task["inputs"]["parts"]
    steps = len(lent) + 1
    parts = Parts(lent, params["numbers"], lambda done: reporter.progress(done, steps, stage="stacking"))
    array = stacked(parts, kind=params["kind"], places=params["places"])
    named = {name: params[name] for name in ("series_id", "assembly_id", "numbers")}
    path = output.parent / FILE
    write_hdf5(array, path, attributes=named)
    with h5py.File(path, "r") as file:
        whole = replace(array, values=as_values(file["entry/data/data"]))
        arrays = trees.write(output, {array.name: whole}, {})
    reporter.progress(steps, steps, stage="written")
    return {"arrays": arrays, "report": {"warnings": []}, "file": FILE}


def stacked(parts: Parts, *, kind: str, places: list[float | None]) -> LabelledArray:
    """
    Label stacked images as the series they are.

    Parameters
    ----------
    parts : Parts
        In order of their places.
    kind : {"tilt_series", "slices"}
        What they are.
    places : list of float or None
        Tilts [deg] or depths [nm].
    """
    axis = STACKED[kind]
    known = [place for place in places if place is not None]
    coordinates, spacing = {}, {name: step for name, step in parts.first.spacing.items() if name in "yx"}
    if len(known) == len(places):
        coordinates[axis] = np.asarray(known, np.float64)
        step = _step(coordinates[axis]) if axis == "z" else None
        spacing |= {} if step is None else {axis: step}
    called = "tilt_series" if axis == "t" else "stack"
    values = cast("NDArray[Any]", parts)  # read block by block
    return LabelledArray(values, f"{axis}yx", spacing, parts.first.unit, coordinates, kind=called, name="series")


def _step(depths_nm: NDArray[np.float64]) -> Quantity | None:
    """Return the step between slices, if there is one."""
    steps = np.diff(depths_nm)
    if not steps.size or steps[0] <= 0 or not np.allclose(steps, steps[0], rtol=EVEN):
        return None
    return Quantity(float(steps.mean()), "nm", "user", note="from the depths of the slices")


def _opened(lent: dict[str, Any]) -> OmeZarrImage:
    return open_omezarr(Path(lent["folder"]) / lent["summary"]["path"])
