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
from lithoscope.writers.palette import label_colour
from lithoscope.writers.scale_bar import scale_bar

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_LEAST_SIDE, _MOST_SIDE, _LEAST_WIDTH = 512, 1024, 320
_PERCENTILES = (0.5, 99.5)
_FOOTER, _MARGIN, _BAR_HEIGHT, _TEXT = 44, 16, 5, 17
_INK, _PAPER, _QUIET = (245, 245, 245), (24, 26, 30), (160, 166, 176)
_LEGEND_LABELS = 6


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
        A volume or label volume gives three pictures (``xy.png``, ``xz.png``, ``yz.png``), a tilt series that of the
        tilt nearest to zero (``tilt.png``), a stack its middle image and an image itself (``xy.png``), a spectrum
        image the sum over energy (``sum.png``). Anything else gives none.
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
        Two or three axes; of a spectrum image the energies are summed.
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
    canvas = Image.new("RGB", (max(picture.width, _LEAST_WIDTH), picture.height + _FOOTER), _PAPER)
    canvas.paste(picture, ((canvas.width - picture.width) // 2, 0))
    _draw_footer(canvas, plane, picture.width, scale_across)
    buffer = io.BytesIO()
    canvas.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _views(array: LabelledArray) -> list[tuple[str, str, int]]:
    lengths = dict(zip(array.axes, array.values.shape, strict=True))
    if array.values.size == 0:
        return []
    if array.axes == "yx":
        return [("xy", "", 0)]
    if array.axes == "yxe":
        return [("sum", "e", 0)] if min(lengths["y"], lengths["x"]) > 1 else []
    if array.axes == "tyx":
        angles = array.coordinates.get("t", np.arange(lengths["t"]) - lengths["t"] // 2)
        return [("tilt", "t", int(np.argmin(np.abs(angles))))]
    if array.axes != "zyx":
        return []
    views = [("xy", "z", lengths["z"] // 2)]
    if array.kind != "stack":
        views += [("xz", "y", lengths["y"] // 2), ("yz", "x", lengths["x"] // 2)]
    return views


def _plane(array: LabelledArray, axis: str, index: int) -> _Plane:
    values, axes = array.values, array.axes
    if "e" in axes:
        values, axes = values.sum(axis=axes.index("e"), dtype=np.float64), axes.replace("e", "")
    elif axis:
        values, axes = np.take(values, index, axes.index(axis)), axes.replace(axis, "")
    if values.dtype.kind == "c":
        values = np.abs(values)
    steps = [array.spacing[letter].value if letter in array.spacing else None for letter in axes]
    return _Plane(values, steps[0], steps[1], _caption(array, axis, index), array.kind == "labels")


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


def _draw_footer(canvas: "Image.Image", plane: _Plane, width: int, scale_across: float) -> None:
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(_TEXT)
    middle = canvas.height - _FOOTER / 2
    end = _draw_bar(draw, plane, (width, scale_across), middle, font)
    caption_width = draw.textlength(plane.caption, font)
    if end + caption_width + 2 * _MARGIN <= canvas.width:
        draw.text((canvas.width - _MARGIN, middle), plane.caption, _QUIET, font, anchor="rm")
    if plane.is_labels:
        _draw_legend(draw, plane, end, canvas.width - caption_width - 2 * _MARGIN, middle, font)


def _draw_bar(draw: "ImageDraw.ImageDraw", plane: _Plane, extent: tuple[int, float], middle: float, font: Any) -> float:
    """Draw bar and length at the left for a picture's width and magnification; return where they end."""
    width, scale_across = extent
    if not plane.step_across_nm:
        draw.text((_MARGIN, middle), "pixel size unknown", _QUIET, font, anchor="lm")
        return _MARGIN + draw.textlength("pixel size unknown", font)
    nm_per_pixel = plane.step_across_nm / scale_across
    bar = scale_bar(width * nm_per_pixel)
    end = _MARGIN + bar.length_nm / nm_per_pixel
    draw.rectangle((_MARGIN, middle - _BAR_HEIGHT / 2, end, middle + _BAR_HEIGHT / 2), _INK)
    draw.text((end + _MARGIN / 2, middle), bar.text, _INK, font, anchor="lm")
    return end + _MARGIN / 2 + draw.textlength(bar.text, font)


def _draw_legend(
    draw: "ImageDraw.ImageDraw", plane: _Plane, start: float, end: float, middle: float, font: Any
) -> None:
    """Draw a square and number for each label of the slice, as far as there is room."""
    place = start + 2 * _MARGIN
    for label in [int(value) for value in np.unique(plane.values) if value][:_LEGEND_LABELS]:
        width = _TEXT + 6 + draw.textlength(str(label), font)
        if place + width > end:
            return
        draw.rectangle((place, middle - _TEXT / 2, place + _TEXT, middle + _TEXT / 2), label_colour(label))
        draw.text((place + _TEXT + 6, middle), str(label), _INK, font, anchor="lm")
        place += width + _MARGIN
