"""A particle turning once about its axis, all its maps side by side, as an animated GIF."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from lithoscope import wording
from lithoscope.figures.limits import Limits, shown_name
from lithoscope.figures.maps import Map, boxed, colours_of, limits_in_words
from lithoscope.figures.record import Film
from lithoscope.figures.rendering import body_of, coloured, projected, values_at, viewed
from lithoscope.figures.style import INK, QUANTITY, SOFT
from lithoscope.writers.scale_bar import scale_bar

Picture = NDArray[np.uint8]
How = Literal["cut", "surface", "maximum", "mean"]
Progress = Callable[..., Any]

FRAMES, SIDE_PX, FRAME_MS = 36, 240, 90
_TITLE_PX, _FOOT_PX, _GAP_PX, _BAR_PX = 26, 46, 12, 9
_SAMPLES = 6  # frames from which the colours of the film are chosen
_MOST_PER_ROW = 5
#: Colours that every film keeps: of letters, and of the bars of colour.
_ALWAYS = (
    (255, 255, 255), *(ImageColor.getrgb(each) for each in (INK, SOFT)), *map(tuple, colours_of(QUANTITY)[::8].tolist())
)  # fmt: skip


def film_of(
    maps: Sequence[Map],
    particle: NDArray[Any],
    *,
    voxel_nm: float | None = None,
    how: How = "cut",
    frames: int = FRAMES,
    side_px: int = SIDE_PX,
    progress: Progress | None = None,
) -> Film:
    """
    Turn a particle once about y.

    Parameters
    ----------
    maps : sequence of Map
        Shown side by side, in rows of five.
    particle : (z, y, x) array
        Its mask.
    voxel_nm : float, optional
        Edge of a voxel [nm]; without it there is no scale bar.
    how : {"cut", "surface", "maximum", "mean"}
        The surface with a quarter cut away, the whole surface, or projections along the line of sight.
    frames, side_px : int
        Of the film, and of each map.
    progress : callable, optional
        ``progress(done, total)``, called after each frame.
    """
    draw, px_nm = _drawing(maps, particle, how, side_px=side_px, voxel_nm=voxel_nm)
    ground = _ground(maps, side_px)
    pictures = []
    for frame in range(frames):
        turned = _placed(ground, draw(360.0 * frame / frames), side_px)
        pictures.append(_with_bar(turned, side_px, px_nm))
        if progress is not None:
            progress(frame + 1, frames)
    return Film(
        _gif(pictures), _png(pictures[0]), _caption(maps, how, frames, has_bar=px_nm is not None), _alternative(maps)
    )


@dataclass(frozen=True, slots=True)
class Side:
    """
    One of several particles that turn side by side: measured and planted, or two states of cycling.

    Parameters
    ----------
    title : str
        Behind the name of each map.
    maps : sequence of Map
        The same maps with the same limits on every side.
    particle : (z, y, x) array
        Its mask.
    voxel_nm : float, optional
        Edge of a voxel [nm].
    """

    title: str
    maps: Sequence[Map]
    particle: NDArray[Any]
    voxel_nm: float | None = None


def film_per_map(
    sides: Sequence[Side], *, how: How = "cut", frames: int = FRAMES, side_px: int = SIDE_PX
) -> Iterator[Film]:
    """
    Turn particles side by side, a film for each of their maps.

    Parameters
    ----------
    sides : sequence of Side
        At least one; the scale bar is that of the first.
    how, frames, side_px
        As for `film_of`.
    """
    drawings = [_drawing(each.maps, each.particle, how, side_px=side_px, voxel_nm=each.voxel_nm) for each in sides]
    turned = [[draw(360.0 * frame / frames) for draw, _ in drawings] for frame in range(frames)]
    px_nm = drawings[0][1]
    for place, first in enumerate(sides[0].maps):
        maps = [replace(each.maps[place], name=f"{first.name}, {each.title}") for each in sides]
        ground = _ground(maps, side_px)
        pictures = [
            _with_bar(_placed(ground, [side[place] for side in pair], side_px), side_px, px_nm) for pair in turned
        ]
        caption = _caption(maps, how, frames, has_bar=px_nm is not None)
        yield Film(_gif(pictures), _png(pictures[0]), caption, _alternative(maps))


def _drawing(
    maps: Sequence[Map], particle: NDArray[Any], how: How, *, side_px: int, voxel_nm: float | None
) -> tuple[Callable[[float], list[Picture]], float | None]:
    """Return what draws every map at an angle, and the width of a pixel [nm]."""
    shades = [colours_of(each.colours) for each in maps]
    if how in {"maximum", "mean"}:
        maps, particle = boxed(maps, particle)
        width = int(np.ceil(np.hypot(particle.shape[0], particle.shape[2])))

        def draw_projection(angle: float) -> list[Picture]:
            return [
                _scaled(projected(m.values, particle, angle, how=how), m.limits, shade, side_px)
                for m, shade in zip(maps, shades, strict=True)
            ]

        return draw_projection, voxel_nm and voxel_nm * max(width, particle.shape[1]) / side_px
    body = body_of(particle, side_px=side_px, is_cut=how == "cut")
    values = [values_at(each.values, particle, body.voxels) for each in maps]

    def draw(angle: float) -> list[Picture]:
        view = viewed(body, angle)
        return [coloured(view, v, m.limits, s) for v, m, s in zip(values, maps, shades, strict=True)]

    return draw, voxel_nm and voxel_nm * body.voxels_per_px


def _scaled(image: NDArray[Any], limits: Limits, shade: Picture, side_px: int) -> Picture:
    """Colour a projection, white where there is nothing, and bring it to the size of a panel."""
    place = np.clip((image - limits[0]) / (limits[1] - limits[0]), 0, 1)
    picture = shade[np.rint(np.where(np.isnan(place), 0, place) * 255).astype(np.intp)]
    picture[np.isnan(image)] = 255
    side = max(image.shape)
    square = np.full((side, side, 3), 255, np.uint8)
    top, left = (side - image.shape[0]) // 2, (side - image.shape[1]) // 2
    square[top : top + image.shape[0], left : left + image.shape[1]] = picture
    return np.asarray(Image.fromarray(square).resize((side_px, side_px), Image.Resampling.BILINEAR))


def _grid(count: int) -> tuple[int, int]:
    """Return how many rows and columns so many panels stand in."""
    rows = -(-count // _MOST_PER_ROW)
    return rows, -(-count // rows)


def _places(count: int, side_px: int) -> list[tuple[int, int]]:
    """Return the corner (down, across) of every panel's picture."""
    columns = _grid(count)[1]
    high, wide = side_px + _TITLE_PX + _FOOT_PX, side_px + _GAP_PX
    return [(_TITLE_PX + high * (n // columns), _GAP_PX // 2 + wide * (n % columns)) for n in range(count)]


def _ground(maps: Sequence[Map], side_px: int) -> Image.Image:
    """Draw what stays: names and colour bars with their limits."""
    rows, columns = _grid(len(maps))
    size = (columns * (side_px + _GAP_PX), rows * (side_px + _TITLE_PX + _FOOT_PX))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for each, (top, left) in zip(maps, _places(len(maps), side_px), strict=True):
        pen.text((left + side_px / 2, top - 4), shown_name(each.name), INK, _font(15), anchor="ms")
        foot = top + side_px + 4
        bar = np.broadcast_to(colours_of(each.colours)[None], (_BAR_PX, 256, 3))
        width = int(side_px * 0.7)
        shown = Image.fromarray(np.ascontiguousarray(bar)).resize((width, _BAR_PX), Image.Resampling.BILINEAR)
        sheet.paste(shown, (left + (side_px - width) // 2, foot))
        low, high = (wording.number(limit, 3) for limit in each.limits)
        edge = (side_px - width) // 2
        pen.text((left + edge, foot + _BAR_PX + 3), low, SOFT, _font(12), anchor="la")
        text = f"{high} {wording.unit(each.unit)}".strip()
        pen.text((left + side_px - edge, foot + _BAR_PX + 3), text, SOFT, _font(12), anchor="ra")
    return sheet


def _placed(ground: Image.Image, pictures: Sequence[Picture], side_px: int) -> Image.Image:
    frame = ground.copy()
    for picture, (top, left) in zip(pictures, _places(len(pictures), side_px), strict=True):
        frame.paste(Image.fromarray(picture), (left, top))
    return frame


def _with_bar(frame: Image.Image, side_px: int, px_nm: float | None) -> Image.Image:
    """Draw the scale bar over the lower left corner of the first panel."""
    if px_nm:
        bar = scale_bar(side_px * px_nm)
        top, left = _places(1, side_px)[0]
        length, down = round(bar.length_nm / px_nm), top + side_px - 6
        pen = ImageDraw.Draw(frame)
        pen.rectangle((left + 4, down - 3, left + 4 + length, down), fill=INK)
        pen.text((left + 4, down - 6), bar.text, INK, _font(12), anchor="ls")
    return frame


def _gif(frames: Sequence[Image.Image]) -> bytes:
    """Write frames with one table of colours for all, repeated for ever."""
    chosen = [frames[n] for n in sorted({n * len(frames) // _SAMPLES for n in range(_SAMPLES)})]
    side_by_side = Image.new("RGB", (sum(each.width for each in chosen), chosen[0].height))
    across = 0
    for each in chosen:
        side_by_side.paste(each, (across, 0))
        across += each.width
    found = side_by_side.quantize(256 - len(_ALWAYS), method=Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*found[: 3 * (256 - len(_ALWAYS))], *(part for colour in _ALWAYS for part in colour)])
    small = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in frames]
    target = io.BytesIO()
    small[0].save(
        target, "GIF", save_all=True, append_images=small[1:], duration=FRAME_MS, loop=0, optimize=False, disposal=1
    )
    return target.getvalue()


def _png(frame: Image.Image) -> bytes:
    target = io.BytesIO()
    frame.save(target, "PNG")
    return target.getvalue()


@cache
def _font(size: int) -> Any:
    """Return the letters that matplotlib brings along, so that films and figures look alike."""
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"), size)


_HOW = {
    "cut": "seen with a quarter cut away; the cut shows the values inside, hardly shaded, the surface is shaded",
    "surface": "seen from outside, shaded",
    "maximum": "as the largest value along the line of sight",
    "mean": "as the mean along the line of sight through it",
}


def _caption(maps: Sequence[Map], how: How, frames: int, *, has_bar: bool) -> str:
    return " ".join(
        [
            f"The particle turning once about its y axis in {frames} frames, {_HOW[how]}.",
            f"Colours: {limits_in_words(maps)}.",
            "The scale bar is that of the first picture." if has_bar else "The step is unknown: there is no scale bar.",
        ]
    )


def _alternative(maps: Sequence[Map]) -> str:
    return f"turning particle coloured by {', '.join(shown_name(each.name) for each in maps)}"
