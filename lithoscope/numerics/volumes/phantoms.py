"""Random two-phase materials with a known phase fraction, to try segmentation on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import ndtri

from lithoscope.arrays import LabelledArray
from lithoscope.units import Quantity


def random_phases(
    shape: tuple[int, ...], *, fraction: float, size_px: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """
    Draw a piece of a random material.

    Parameters
    ----------
    shape : tuple of int
        Of the piece.
    fraction : float
        Share of the bright phase in the material; a piece deviates from it by chance.
    size_px : float
        Standard deviation of the Gaussian that smooths the random field [px], about the size of its structures.
    rng : Generator

    Returns
    -------
    bright : array of bool
    """
    margin = int(4 * size_px)
    field = rng.standard_normal([n + 2 * margin for n in shape])
    smooth = ndimage.gaussian_filter(field, size_px, mode="wrap") * (2 * np.sqrt(np.pi) * size_px) ** (len(shape) / 2)
    piece = smooth[tuple(slice(margin, margin + n) for n in shape)]
    return np.asarray(piece > ndtri(1 - fraction))


def micrograph(
    bright: NDArray[np.bool_], *, blur_px: float, noise: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """
    Look at two phases of grey value 0 and 1 through blur and noise.

    Parameters
    ----------
    bright : array of bool
    blur_px, noise : float
        Standard deviations of a Gaussian point spread [px] and of the noise [1].
    rng : Generator
    """
    return np.asarray(
        ndimage.gaussian_filter(bright.astype(float), blur_px) + noise * rng.standard_normal(bright.shape)
    )


def small_image() -> dict[str, Any]:
    """Give a 32 pixel image of two phases."""
    rng = np.random.default_rng(0)
    bright = random_phases((32, 32), fraction=0.3, size_px=2, rng=rng)
    return {"image": micrograph(bright, blur_px=1, noise=0.2, rng=rng), "spacing_nm": (4.63, 4.63), "seed": 0}


def two_tomograms() -> dict[str, Any]:
    """Return two noisy tomograms of one ball, the second of half the intensity and without one of its corners."""
    rng = np.random.default_rng(3)
    z, y, x = np.mgrid[-8:8, -8:8, -8:8]
    ball = (z**2 + y**2 + x**2 < 40).astype(np.float64)
    notched = np.where((z > 2) & (y > 2), 0.0, 0.5 * ball)
    step = {axis: Quantity(2.0, "nm", "measured") for axis in "zyx"}
    made = {
        name: LabelledArray(values + 0.01 * rng.standard_normal(ball.shape), "zyx", step, "counts", kind="volume")
        for name, values in (("first", ball), ("second", notched))
    }
    return {**made, "where": (z**2 + y**2 + x**2 < 60).astype(np.uint8)}
