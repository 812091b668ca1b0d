"""
From projections to the points of a padded Fourier grid that they measure.

Every projection is a plane of the object's Fourier space through its origin and through the axis ky of the tilt axis.
Whether a grid point is near a plane depends on its (kx, kz) alone, so what is measured are whole columns along ky, and
gridding is a transform of the detector rows at the foot points of some hundred columns.
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common import InvalidSetting

GriddingMethod = Literal["dft", "fft"]

#: Nearer than this counts as on the plane: weights stay finite [px], and [px²] for the FFT.
SMALLEST_DISTANCE = 1e-5

#: Rounding must not push a size such as 64 x 2.5 over the next even number.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class MeasuredColumns:
    """
    The measured columns of one half of Fourier space, and which samples of which tilt make them.

    The other half is their complex conjugate. Columns are sorted by how many share their kx, then by kx and kz.

    Attributes
    ----------
    padded_px : int
        Points of the padded grid along x and z.
    kx, kz : (column,) array of int
        Place in the grid; kx > 0, or kx = 0 and kz >= 0.
    tilt, column : (sample,) array of int
        Which tilt is sampled for which column.
    foot_px : (sample,) array
        Where along the detector's frequency axis the sample is taken.
    weight : (sample,) array
        Share of the sample in its column; sums to 1 in every column.
    """

    padded_px: int
    kx: NDArray[np.intp]
    kz: NDArray[np.intp]
    tilt: NDArray[np.intp]
    column: NDArray[np.intp]
    foot_px: NDArray[np.float64]
    weight: NDArray[np.float64]


def padded_size(size_px: int, oversampling_ratio: float) -> int:
    """
    Return the even number of points that holds `size_px` times the oversampling ratio.

    Raises
    ------
    InvalidSetting
        The padded grid would be smaller than the image.
    """
    if not (1 <= oversampling_ratio < np.inf):
        raise InvalidSetting("the padded grid must hold the whole image: oversampling_ratio is 1 or more")
    return max(2, 2 * ceil(size_px * oversampling_ratio / 2 - ROUNDING))


def measured_columns(
    angles_deg: NDArray[np.float64],
    *,
    padded_px: int,
    interpolation_radius_px: float,
    method: GriddingMethod,
    resolution_circle: bool,
) -> MeasuredColumns:
    """
    Find the columns that a tilt series measures.

    The Nyquist frequency of the grid is left out: one grid point would stand for two frequencies.

    Parameters
    ----------
    angles_deg : (t,) array
        Tilt angles [deg].
    padded_px : int
        Points of the padded grid along x and z; even.
    interpolation_radius_px : float
        How near a grid point must be to a plane ("dft", less than) or to a sample of it ("fft", at most) [px].
    method : {"dft", "fft"}
        Evaluate each plane at the foot of a near grid point, or scatter its own samples to the points around them.
    resolution_circle : bool
        Leave out what is beyond the Nyquist frequency of the images in any direction.

    Raises
    ------
    InvalidSetting
        The radius is not positive, a pixel or more with "fft", or so small that nothing is measured.
    """
    if not interpolation_radius_px > 0:
        raise InvalidSetting("no grid point is nearer than nothing: interpolation_radius_px must be positive")
    if method == "fft" and interpolation_radius_px >= 1:
        raise InvalidSetting("scattered samples reach less than a pixel: lower interpolation_radius_px or use dft")
    near = _near_planes if method == "dft" else _near_samples
    found = [near(angle, padded_px, interpolation_radius_px) for angle in np.deg2rad(angles_deg)]
    tilt = np.repeat(np.arange(len(found)), [len(samples) for samples in found])
    kx, kz, foot, weight = np.concatenate(found).T
    edge = padded_px / 2
    kept = ((kx > 0) | ((kx == 0) & (kz >= 0))) & (kx < edge) & (abs(kz) < edge) & (abs(foot) <= edge)
    if resolution_circle:
        kept &= kx**2 + kz**2 < edge**2
    if not kept.any():
        raise InvalidSetting("no grid point is near any projection: raise interpolation_radius_px")
    place = np.stack([kx[kept], kz[kept]], axis=1).astype(np.intp)
    return _sorted(padded_px, place, tilt=tilt[kept], foot=foot[kept], weight=weight[kept])


def _near_planes(angle: float, padded_px: int, radius_px: float) -> NDArray[np.float64]:
    """List grid points near one plane as rows of kx, kz, foot point and weight."""
    half = padded_px // 2
    kx, kz = np.arange(half, dtype=float)[:, None], np.arange(1 - half, half, dtype=float)[None, :]
    distance = abs(kz * np.cos(angle) - kx * np.sin(angle))
    row, column = np.nonzero(distance < radius_px)
    kx, kz = kx[row, 0], kz[0, column]
    foot = kx * np.cos(angle) + kz * np.sin(angle)
    return np.stack([kx, kz, foot, 1 / np.maximum(distance[row, column], SMALLEST_DISTANCE)], axis=1)


def _near_samples(angle: float, padded_px: int, radius_px: float) -> NDArray[np.float64]:
    """List grid points around the samples of one plane as rows of kx, kz, sample and weight."""
    half, reach = padded_px // 2, round(radius_px)
    foot = np.arange(1 - half, half, dtype=float)
    sample_x, sample_z = foot * np.cos(angle), foot * np.sin(angle)
    rows = []
    for shift_x in range(-reach, reach + 1):
        for shift_z in range(-reach, reach + 1):
            kx, kz = np.rint(sample_x) + shift_x, np.rint(sample_z) + shift_z
            squared = (sample_x - kx) ** 2 + (sample_z - kz) ** 2
            rows.append(np.stack([kx, kz, foot, 1 / (squared + SMALLEST_DISTANCE)], axis=1)[squared <= radius_px**2])
    return np.concatenate(rows)


def _sorted(
    padded_px: int,
    place: NDArray[np.intp],
    *,
    tilt: NDArray[np.intp],
    foot: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> MeasuredColumns:
    """Number the distinct columns in their order, and normalise the weights within each."""
    columns, column = np.unique(place, axis=0, return_inverse=True)
    _, first, count = np.unique(columns[:, 0], return_inverse=True, return_counts=True)
    order = np.lexsort((columns[:, 1], columns[:, 0], count[first]))
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    column = number[column.reshape(-1)]
    share = weight / np.bincount(column, weight)[column]
    return MeasuredColumns(padded_px, columns[order, 0], columns[order, 1], tilt, column, foot, share)


def gridded_rows(
    columns: MeasuredColumns, images: NDArray[np.float32], *, rotation_axis_px: float
) -> NDArray[np.complex128]:
    """
    Transform detector rows to the measured columns, leaving y in real space.

    Parameters
    ----------
    images : (map, t, y, x) array
    rotation_axis_px : float
        Where the tilt axis falls on the detector [px]; the phases are those of this place exactly.

    Returns
    -------
    rows : (map, column, y) array
    """
    place = np.arange(images.shape[-1]) - rotation_axis_px
    rows = np.zeros((len(images), len(columns.kx), images.shape[2]), np.complex128)
    for tilt in range(images.shape[1]):
        ours = np.flatnonzero(columns.tilt == tilt)
        phase = np.exp(-2j * np.pi / columns.padded_px * columns.foot_px[ours, None] * place)
        phase *= columns.weight[ours, None]
        for row, image in zip(rows, images[:, tilt], strict=True):
            np.add.at(row, columns.column[ours], phase @ image.T)
    return rows
