"""Mean of each spectrum with its neighbours, against noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common.errors import EmptyMask, WrongShape


@dataclass(frozen=True, slots=True)
class NeighbourMean:
    """
    Spectra averaged over neighbours.

    Parameters
    ----------
    spectra : (y, x, e) array of float32
        NaN outside the mask.
    variance_factor : (y, x) array of float64
        What the mean makes of the variance of equally noisy neighbours: 1/9 inside, more at edges.
    """

    spectra: NDArray[np.float32]
    variance_factor: NDArray[np.float64]


def neighbour_mean(spectra: ArrayLike, *, mask: ArrayLike | None = None, radius_px: int = 1) -> NeighbourMean:
    """
    Average every spectrum with its neighbours in a square, those outside the mask left out.

    The field is mirrored at its edges; the sum is divided by the number of valid pixels in it, so a particle's rim is
    not darkened by vacuum or by rejected pixels.

    Parameters
    ----------
    spectra : (y, x, e) array
        One tilt; a pixel with a NaN anywhere counts as outside the mask.
    mask : (y, x) array of bool, optional
        Valid pixels; all by default.
    radius_px : int
        1 averages 3 x 3 pixels, 0 leaves the spectra as they are.

    Raises
    ------
    WrongShape, EmptyMask
    """
    values = np.asarray(spectra, np.float32)
    if values.ndim != 3:
        raise WrongShape(f"spectra have shape {values.shape}: give the spectra (y, x, e) of one tilt")
    valid = np.asarray(np.isfinite(values).all(axis=2))
    if mask is not None:
        if np.shape(mask) != valid.shape:
            raise WrongShape(f"the mask has shape {np.shape(mask)}, the field {valid.shape}: give a mask of the field")
        valid &= np.asarray(mask, bool)
    if not valid.any():
        raise EmptyMask("no pixel of the tilt is valid: check its zero-loss peaks and the mask")
    rows, columns = (_times_taken(n, radius_px) for n in valid.shape)
    filled = np.where(valid[..., None], values, 0)
    sums = np.matmul(columns.astype(np.float32), np.tensordot(rows.astype(np.float32), filled, axes=1))
    weight = rows @ valid @ columns.T
    squares = rows**2 @ valid @ (columns**2).T
    sums[~valid] = np.nan
    sums /= np.where(valid, weight, 1)[..., None]
    factor = np.divide(squares, weight**2, out=np.full(weight.shape, np.nan), where=valid)
    return NeighbourMean(sums.astype(np.float32, copy=False), factor)


def _times_taken(n: int, radius: int) -> NDArray[np.float64]:
    """Return how often pixel j enters the mean of pixel i along one mirrored axis."""
    reached = np.arange(n)[:, None] + np.arange(-radius, radius + 1)
    folded = np.mod(reached, 2 * n)
    folded = np.where(folded < n, folded, 2 * n - 1 - folded)
    taken = np.zeros((n, n))
    np.add.at(taken, (np.arange(n)[:, None], folded), 1.0)
    return taken
