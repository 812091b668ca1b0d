"""
Pictures of slices: grey with robust contrast, labels in colours all can tell apart, a scale bar under each.

Drawn with Pillow alone, because importing a plotting library takes longer than a picture.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.writers.footer import FOOTER_PIXELS, Footer, draw_footer
from lithoscope.writers.palette import label_colour

if TYPE_CHECKING:
    from PIL import Image

_LEAST_SIDE, _MOST_SIDE, _LEAST_WIDTH = 512, 1024, 320
_PERCENTILES = (0.5, 99.5)
_NM = {"nm": 1.0, "um": 1e3, "mm": 1e6}


@dataclass(frozen=True, slots=True)
class _Plane:
    """A slice to draw: values, step down and across [nm, None if unknown], caption."""

    values: NDArray[Any]
    step_down_nm: float | None
    step_across_nm: float | None
    caption: str
    is_labels: bool


def write_midslices(array: LabelledArray, folder: Path) -> list[Path]:
    """
    Write a picture of the middle of an array along each direction in space.

    Parameters
    ----------
    array : LabelledArray
        Pictures are named after the axis they cut. A volume or label volume gives three (``z.png``, ``y.png``,
        ``x.png``), a tilt series that of the tilt nearest to zero (``t.png``), a stack its middle image and an image
        itself (``z.png``), a spectrum image the sum over energy (``e.png``), spectra of a tilt series that of the tilt
        nearest to zero (``t.png``). Anything else gives none.
    folder : Path
        Existing folder.

    Returns
    -------
    files : list of Path
        The pictures written, the most telling first.
    """
    written = []
    for name, axis, index in _views(array):
        path = folder / f"{name}.png"
        path.write_bytes(render_slice(array, axis, index))
        written.append(path)
    return written


def render_slice(array: LabelledArray, axis: str, index: int) -> bytes:
    """
    Draw one slice.

    Parameters
    ----------
    array : LabelledArray
        Two or three axes, and energies, which are summed.
    axis : str
        The axis cut across (``z``, ``y``, ``x``, ``t``); for images it says nothing and may be empty.
    index : int
        Place along it.

    Returns
    -------
    png : bytes
        The picture with its footer, 512 to 1024 pixels along its longer side.
    """
    from PIL import Image

    plane = _plane(array, axis, index)
    picture, scale_across = _scaled(Image.fromarray(_coloured(plane)), plane)
    canvas = Image.new("RGB", (max(picture.width, _LEAST_WIDTH), picture.height + FOOTER_PIXELS))
    canvas.paste(picture, ((canvas.width - picture.width) // 2, 0))
    step = plane.step_across_nm / scale_across if plane.step_across_nm else None
    labels = [int(label) for label in np.unique(plane.values) if label] if plane.is_labels else []
    draw_footer(canvas, Footer(FOOTER_PIXELS, picture.width, step, plane.caption, labels))
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _views(array: LabelledArray) -> list[tuple[str, str, int]]:
    lengths = dict(zip(array.axes, array.values.shape, strict=True))
    if array.values.size == 0:
        return []
    if array.axes == "yx":
        return [("z", "", 0)]
    if array.axes == "yxe":
        return [("e", "e", 0)] if min(lengths["y"], lengths["x"]) > 1 else []
    if array.axes == "tyx" or (array.axes == "tyxe" and min(lengths["y"], lengths["x"]) > 1):
        angles = array.coordinates.get("t", np.arange(lengths["t"]) - lengths["t"] // 2)
        return [("t", "t", int(np.argmin(np.abs(angles))))]
    if array.axes != "zyx":
        return []
    views = [("z", "z", lengths["z"] // 2)]
    if array.kind != "stack":
        views += [("y", "y", lengths["y"] // 2), ("x", "x", lengths["x"] // 2)]
    return views


def _plane(array: LabelledArray, axis: str, index: int) -> _Plane:
    values, axes = array.values, array.axes
    if axis and axis != "e":
        first = axes.index(axis) == 0  # a stored series gives one tilt and nothing else
        values = np.asarray(values[index]) if first else np.take(values, index, axes.index(axis))
        axes = axes.replace(axis, "")
    if "e" in axes:
        values, axes = values.sum(axis=axes.index("e"), dtype=np.float64), axes.replace("e", "")
    if values.dtype.kind == "c":
        values = np.abs(values)
    steps = [_step_nm(array, letter) for letter in axes]
    return _Plane(values, steps[0], steps[1], _caption(array, axis, index), array.kind == "labels")


def _step_nm(array: LabelledArray, axis: str) -> float | None:
    """Return a step along an axis if it is a length; a pattern's reciprocal ones have no bar in nm."""
    step = array.spacing.get(axis)
    return step.value * _NM[step.unit] if step is not None and step.value is not None and step.unit in _NM else None


def _caption(array: LabelledArray, axis: str, index: int) -> str:
    if axis == "t" and "t" in array.coordinates:
        return f"tilt {array.coordinates['t'][index]:.1f}°"
    if axis == "e":
        return "sum over energy"
    return f"{axis} = {index} of {array.values.shape[array.axes.index(axis)]}" if axis else ""


def _coloured(plane: _Plane) -> NDArray[np.uint8]:
    if plane.is_labels:
        labels, places = np.unique(plane.values, return_inverse=True)
        colours = np.array([label_colour(int(label)) for label in labels], np.uint8)
        coloured: NDArray[np.uint8] = colours[places.reshape(plane.values.shape)]
        return coloured
    values = plane.values.astype(np.float64)
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, _PERCENTILES) if finite.size else (0.0, 1.0)
    if high <= low:
        low, high = (finite.min(), finite.max()) if finite.size and finite.max() > finite.min() else (low, low + 1)
    grey = np.clip((np.nan_to_num(values, nan=low, posinf=high, neginf=low) - low) / (high - low), 0, 1)
    levels: NDArray[np.uint8] = np.rint(grey * 255).astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=-1)


def _scaled(picture: "Image.Image", plane: _Plane) -> tuple["Image.Image", float]:
    """Bring a picture to a good size and its true proportions; also say by how much its width grew."""
    from PIL import Image

    across, down = 1.0, 1.0
    if plane.step_across_nm and plane.step_down_nm:
        smaller = min(plane.step_across_nm, plane.step_down_nm)
        across, down = min(plane.step_across_nm / smaller, 20.0), min(plane.step_down_nm / smaller, 20.0)
    longer = max(picture.width * across, picture.height * down)
    zoom = max(1.0, np.ceil(_LEAST_SIDE / longer)) if longer < _LEAST_SIDE else min(1.0, _MOST_SIDE / longer)
    size = (max(round(picture.width * across * zoom), 1), max(round(picture.height * down * zoom), 1))
    method = Image.Resampling.NEAREST if plane.is_labels or zoom >= 1 else Image.Resampling.BOX
    return picture.resize(size, method), size[0] / picture.width
