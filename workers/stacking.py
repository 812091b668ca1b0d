"""The body of a job that stacks the parts of a growing series into one array and one file."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.rules.growing_series import STACKED
from lithoscope.units import Quantity
from lithoscope.writers.hdf5 import write_hdf5
from workers import trees
from workers.reporting import Reporter

FILE = "assembled.h5"
#: Steps between slices that differ by less are one step.
EVEN = 1e-3


class PartsDiffer(ScienceError):
    """Parts of a series do not have one shape and type."""

    code = "parts-differ"


def assemble(task: dict[str, Any], output: Path, reporter: Reporter) -> dict[str, Any]:
    """
    Stack parts in the order given and write the whole as arrays and as one file beside them.

    The task holds ``inputs`` (``parts``: folder and summary of each) and ``params``: ``kind``, ``numbers``, ``places``
    (tilts [deg] or depths [nm], None where unknown) and the identifiers of series and assembly, which the file keeps.
    """
    params, lent = task["params"], task["inputs"]["parts"]
    first = trees.load(lent[0])
    rows, columns = first.values.shape[-2:]
    values = np.empty((len(lent), rows, columns), first.values.dtype)
    for index, given in enumerate(lent):
        values[index] = _image(trees.load(given), values, number=params["numbers"][index])
        reporter.progress(index + 1, len(lent) + 1, stage="stacking")
    array = stacked(values, first, kind=params["kind"], places=params["places"])
    named = {name: params[name] for name in ("series_id", "assembly_id", "numbers")}
    write_hdf5(array, output.parent / FILE, attributes=named)
    arrays = trees.write(output, {array.name: array}, {})
    reporter.progress(len(lent) + 1, len(lent) + 1, stage="written")
    return {"arrays": arrays, "report": {"warnings": []}, "file": FILE}


def stacked(values: NDArray[Any], first: LabelledArray, *, kind: str, places: list[float | None]) -> LabelledArray:
    """
    Label stacked images as the series they are.

    Parameters
    ----------
    values : (part, y, x) array
        In order of their places.
    first : LabelledArray
        One of the images, alone or as the only one of a stack.
    kind : {"tilt_series", "slices"}
        What they are.
    places : list of float or None
        Tilts [deg] or depths [nm].
    """
    axis = STACKED[kind]
    known = [place for place in places if place is not None]
    coordinates, spacing = {}, {name: step for name, step in first.spacing.items() if name in "yx"}
    if len(known) == len(places):
        coordinates[axis] = np.asarray(known, np.float64)
        step = _step(coordinates[axis]) if axis == "z" else None
        spacing |= {} if step is None else {axis: step}
    called = "tilt_series" if axis == "t" else "stack"
    return LabelledArray(values, f"{axis}yx", spacing, first.unit, coordinates, kind=called, name="series")


def _step(depths_nm: NDArray[np.float64]) -> Quantity | None:
    """Return the step between slices, if there is one."""
    steps = np.diff(depths_nm)
    if not steps.size or steps[0] <= 0 or not np.allclose(steps, steps[0], rtol=EVEN):
        return None
    return Quantity(float(steps.mean()), "nm", "user", note="from the depths of the slices")


def _image(part: LabelledArray, values: NDArray[Any], *, number: int) -> NDArray[Any]:
    """Return the one image of a part; its law was judged by what its rows say, this is what its arrays hold."""
    image = part.values.reshape(part.values.shape[-2:])
    if image.shape != values.shape[1:] or image.dtype != values.dtype:
        raise PartsDiffer(f"part {number} is not of the size and type of the first: replace it")
    return image
