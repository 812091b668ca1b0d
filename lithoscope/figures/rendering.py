"""
A particle seen from any side with a quarter cut away: arrays in, pictures out, no graphics library.

The surface is drawn as points closer to each other than pixels, far ones first: which point a pixel shows depends on
the shape alone, so every map of a particle is coloured from one and the same drawing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.errors import ScienceError

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

ELEVATION_DEG = 18.0
#: Where the light comes from (z, y, x): from the eye, above and to the right of it.
LIGHT = np.array([-0.60, -0.50, 0.62], np.float32) / np.float32(np.linalg.norm([0.60, 0.50, 0.62]))
_DARKEST, _DARKEST_CUT = 0.58, 0.86
_MOST_VOXELS = 128  # finer volumes are averaged first: a picture of 240 pixels does not show more
_SPLAT = 4  # pixels of the doubled canvas that a point covers
_APART = 0.95  # of a pixel of the picture lies between points
_MARGIN = 1.06
_LEAST = 0.85  # of the smoothed mask's largest value is well inside


class NoParticle(ScienceError):
    """A mask without a voxel."""

    code = "no-particle"


@dataclass(frozen=True, slots=True)
class Body:
    """
    What can be seen of a particle.

    Parameters
    ----------
    places : (p, 3) array
        Points of its surface and of the cut (z, y, x), from its middle [voxel].
    normals : (p, 3) array
        Unit vectors outward.
    is_cut : (p,) array of bool
        Points that the cut laid open.
    voxels : (p, 3) array
        Where in the volume each point lies [voxel].
    radius : float
        Of the ball about its middle that it stays within [voxel].
    side_px : int
        Width and height of the pictures that its points are dense enough for.
    """

    places: Float
    normals: Float
    is_cut: Bool
    voxels: Float
    radius: float
    side_px: int

    @property
    def voxels_per_px(self) -> float:
        """Return how many voxels a pixel of the picture is wide."""
        return 2 * self.radius * _MARGIN / self.side_px


@dataclass(frozen=True, slots=True)
class View:
    """
    What each pixel shows, on a canvas twice as fine as the picture.

    Parameters
    ----------
    point : (2 s, 2 s) array of int
        Number of the point, -1 where there is none.
    shade : (2 s, 2 s) array
        Brightness [1].
    """

    point: NDArray[np.int32]
    shade: Float


def body_of(particle: ArrayLike, *, side_px: int = 240, is_cut: bool = True) -> Body:
    """
    Find the surface of a particle, and what a cut lays open.

    Parameters
    ----------
    particle : (z, y, x) array
        Its mask; voxels above 0 are inside.
    side_px : int
        Width and height of the pictures to be made.
    is_cut : bool
        Take away the quarter in front of its middle.

    Raises
    ------
    NoParticle
    """
    mask = np.asarray(particle) > 0
    if mask.ndim != 3 or not mask.any():
        raise NoParticle("the particle's mask is empty: choose another threshold")
    factor = -(-max(mask.shape) // _MOST_VOXELS)
    coarse, corner = _cropped(_averaged(mask, factor))
    middle = np.array([(length - 1) / 2 for length in coarse.shape], np.float32)
    step = _APART * 2 * _MARGIN * _reach(coarse, middle) / side_px
    fine = coarse
    for axis in range(3):
        fine = np.moveaxis(np.tensordot(_spline(coarse.shape[axis], step), fine, axes=(1, axis)), 0, axis)
    fine /= min(1.0, 2 * _LEAST * float(fine.max()))  # a particle of few voxels is not smoothed away
    places, normals = _surface(fine, step)
    opened = np.zeros(len(places), bool)
    if is_cut:
        kept = ~_is_away(places - middle)
        walls, outward = _walls(fine, middle, step)
        places, normals = np.concatenate([places[kept], walls]), np.concatenate([normals[kept], outward])
        opened = np.arange(len(places)) >= kept.sum()
    voxels = (places + corner + 0.5) * factor - 0.5
    return Body((places - middle) * factor, normals, opened, voxels, _reach(coarse, middle) * factor, side_px)


def viewed(body: Body, angle_deg: float, *, elevation_deg: float = ELEVATION_DEG) -> View:
    """Turn a particle about its y axis, look slightly down upon it, and say which point each pixel shows."""
    turn = _turned(np.deg2rad(angle_deg), np.deg2rad(elevation_deg))
    normals = body.normals @ turn.T
    front = np.flatnonzero(normals[:, 0] < 0.1)  # the eye is at negative z
    places = (body.places[front]) @ turn.T
    size = 2 * body.side_px
    scale = size / (2 * _MARGIN * body.radius)
    order = np.argsort(-places[:, 0], kind="stable")
    row, column = (
        np.rint(places[order, axis] * scale + size / 2 - _SPLAT / 2).astype(np.int32).clip(0, size - _SPLAT)
        for axis in (1, 2)
    )
    spread = np.arange(_SPLAT, dtype=np.int32)
    pixels = (row * size + column)[:, None] + (spread[:, None] * size + spread).ravel()
    point = np.full(size * size, -1, np.int32)
    point[pixels.ravel()] = np.repeat(front[order].astype(np.int32), _SPLAT**2)
    darkest = np.where(body.is_cut, _DARKEST_CUT, _DARKEST)
    shade = (darkest + (1 - darkest) * np.clip(normals @ LIGHT, 0, 1)).astype(np.float32)
    return View(point.reshape(size, size), shade[point].reshape(size, size))


def values_at(volume: ArrayLike, particle: ArrayLike, voxels: Float) -> Float:
    """
    Read a map between its voxels, from those within the particle that have a value.

    Parameters
    ----------
    volume, particle : (z, y, x) array
    voxels : (p, 3) array
        Places (z, y, x) [voxel].

    Returns
    -------
    values : (p,) array
        NaN where no voxel around has a value.
    """
    values = np.asarray(volume, np.float32)
    known = np.isfinite(values) & (np.asarray(particle) > 0)
    filled = np.where(known, values, np.float32(0)).ravel()
    weighed, shape = known.ravel(), values.shape
    low = np.floor(voxels).astype(np.int64)
    part = (voxels - low).astype(np.float32)
    total, weight = np.zeros(len(voxels), np.float32), np.zeros(len(voxels), np.float32)
    for corner in np.ndindex(2, 2, 2):
        at = [np.clip(low[:, axis] + corner[axis], 0, shape[axis] - 1) for axis in range(3)]
        index = (at[0] * shape[1] + at[1]) * shape[2] + at[2]
        share = np.prod([part[:, a] if corner[a] else 1 - part[:, a] for a in range(3)], axis=0)
        share = np.where(weighed[index], share + np.float32(1e-6), 0)
        total += share * filled[index]
        weight += share
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


def coloured(view: View, values: Float, limits: tuple[float, float], colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """
    Colour what is seen.

    Parameters
    ----------
    view : View
    values : (p,) array
        Of the map at each point of the body; NaN is drawn in light grey.
    limits : (float, float)
        Values of the first and the last colour.
    colours : (256, 3) array of uint8

    Returns
    -------
    picture : (s, s, 3) array of uint8
        On white.
    """
    low, high = limits
    place = np.clip((values - low) / (high - low), 0, 1)
    own = np.where(np.isnan(place), np.float32(0), place)
    of_point = colours[np.rint(own * 255).astype(np.intp)].astype(np.float32)
    of_point[np.isnan(values)] = 214
    shown = of_point[view.point] * view.shade[..., None]
    shown[view.point < 0] = 255
    size = view.point.shape[0] // 2
    return np.asarray(np.rint(shown.reshape(size, 2, size, 2, 3).mean(axis=(1, 3))), np.uint8)


def projected(volume: ArrayLike, particle: ArrayLike, angle_deg: float, *, how: str = "mean") -> Float:
    """
    Project a map of a particle along the line of sight after a turn about y.

    Parameters
    ----------
    volume, particle : (z, y, x) array
        Only voxels of the particle with a value count.
    angle_deg : float
    how : {"mean", "maximum"}

    Returns
    -------
    image : (y, u) array
        NaN where the line of sight misses the particle.
    """
    values = np.asarray(volume, np.float32)
    known = np.isfinite(values) & (np.asarray(particle) > 0)
    depth, height, width = values.shape
    reach = int(np.ceil(np.hypot(depth, width)))
    along = np.arange(reach, dtype=np.float32) - (reach - 1) / 2
    turn = np.deg2rad(angle_deg)
    u, w = along[None, :], along[:, None]
    x = np.rint(u * np.cos(turn) - w * np.sin(turn) + (width - 1) / 2).astype(np.intp)
    z = np.rint(u * np.sin(turn) + w * np.cos(turn) + (depth - 1) / 2).astype(np.intp)
    within = (x >= 0) & (x < width) & (z >= 0) & (z < depth)
    index = np.where(within, z * width + x, 0)
    flat = np.moveaxis(values, 1, 0).reshape(height, -1)
    inside = np.moveaxis(known, 1, 0).reshape(height, -1)[:, index] & within
    seen = flat[:, index]
    count = inside.sum(axis=1)
    if how == "maximum":
        found = np.where(inside, seen, -np.inf).max(axis=1)
    else:
        found = np.where(inside, seen, 0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, found, np.nan).astype(np.float32)


def _reach(mask: Float, middle: Float) -> float:
    """Return how far a corner of the particle's voxels lies from its middle."""
    return float(np.linalg.norm(abs(np.argwhere(mask > 0) - middle) + 0.5, axis=1).max())


def _turned(turn: float, elevation: float) -> Float:
    """Return the matrix that turns places (z, y, x) about y, then tips them towards the eye about x."""
    c, s = np.cos(turn), np.sin(turn)
    about_y = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    c, s = np.cos(elevation), np.sin(elevation)
    about_x = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y, np.float32)


def _averaged(mask: Bool, factor: int) -> Float:
    padded = np.pad(mask.astype(np.float32), [(0, -length % factor) for length in mask.shape])
    z, y, x = (length // factor for length in padded.shape)
    return np.asarray(padded.reshape(z, factor, y, factor, x, factor).mean(axis=(1, 3, 5)))


def _cropped(mask: Float) -> tuple[Float, NDArray[np.float32]]:
    """Return the smallest box around the particle with three empty voxels on each side, and its corner."""
    spans = [np.flatnonzero(mask.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    box = tuple(slice(span[0], span[-1] + 1) for span in spans)
    corner = np.array([span[0] - 3 for span in spans], np.float32)
    return np.pad(mask[box], 3), corner


def _spline(length: int, step: float) -> Float:
    """Return weights (fine, coarse) of a softened cubic B-spline: steps of voxels become a smooth body."""
    places = np.arange(0, length - 1 + 1e-9, step)
    distance = abs(places[:, None] - np.arange(length))
    near = 2 / 3 - distance**2 + distance**3 / 2
    far = np.clip(2 - distance, 0, None) ** 3 / 6
    weights = np.where(distance < 1, near, far)
    soft = np.pad(weights, ((0, 0), (1, 1)))
    return np.asarray((soft[:, :-2] + 2 * soft[:, 1:-1] + soft[:, 2:]) / 4, np.float32)


def _surface(fine: Float, step: float) -> tuple[Float, Float]:
    """Return points on the level half and unit vectors outward [coarse voxel]."""
    inside = fine > 0.5
    edge = np.zeros_like(inside)
    for axis in range(3):
        lead = [slice(None)] * 3
        lag = [slice(None)] * 3
        lead[axis], lag[axis] = slice(1, None), slice(None, -1)
        differs = inside[tuple(lead)] != inside[tuple(lag)]
        edge[tuple(lag)] |= differs
        edge[tuple(lead)] |= differs
    at = np.argwhere(edge & inside)
    flat, strides = fine.ravel(), np.array([fine.shape[1] * fine.shape[2], fine.shape[2], 1])
    index = at @ strides
    reach = np.minimum(2, np.array(fine.shape) // 4)
    slope = np.stack(
        [
            (flat[index + reach[axis] * strides[axis]] - flat[index - reach[axis] * strides[axis]]) / (2 * reach[axis])
            for axis in range(3)
        ],
        axis=1,
    )
    steep = np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-6)
    outward = -slope / steep
    beyond = np.clip((flat[index] - 0.5)[:, None] / steep, 0, 1)
    return ((at + beyond * outward) * step).astype(np.float32), outward.astype(np.float32)


def _is_away(places: Float) -> Bool:
    """Say which places lie in the quarter that is cut away: in front and to the right."""
    return np.asarray((places[:, 0] < 0) & (places[:, 2] > 0))


def _walls(fine: Float, middle: Float, step: float) -> tuple[Float, Float]:
    """Return the points of the two walls that the cut lays open, and the directions they face."""
    z, _, x = np.rint(middle / step).astype(int)
    right = np.argwhere(fine[:z, :, x] > 0.5)
    front = np.argwhere(fine[z, :, x:] > 0.5)
    along_z = np.column_stack([right[:, 0] * step, right[:, 1] * step, np.full(len(right), middle[2])])
    along_x = np.column_stack([np.full(len(front), middle[0]), front[:, 0] * step, (front[:, 1] + x) * step])
    facing = np.repeat([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]], [len(right), len(front)], axis=0)
    return np.concatenate([along_z, along_x]).astype(np.float32), facing.astype(np.float32)
