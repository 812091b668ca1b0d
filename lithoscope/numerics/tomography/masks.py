"""Where the object is in each image of a tilt series, and how much of it a mask cuts off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import EmptyMask, InvalidSetting, WrongShape
from lithoscope.numerics.common.otsu import GreyHistogram, tied_threshold
from lithoscope.numerics.tomography.checks import checked_pixels

#: A mask that cuts off more of the intensity than this is told [1].
LARGEST_MASKED_OFF = 0.01
EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


@dataclass(frozen=True, slots=True, eq=False)
class SeriesMasks:
    """
    A mask for every tilt.

    Attributes
    ----------
    masks : (t, y, x) array of bool
        True on the object; nowhere on an image of one value.
    threshold_counts : (t,) array
        Otsu's threshold of each image [counts]; NaN on an image of one value.
    background_counts : (t,) array
        Median outside the mask [counts].
    masked_off_fraction : (t,) array
        Part of the intensity above background that lies outside the mask [1]; NaN where nothing is above it. Noise
        alone makes it scatter about zero.
    notes : tuple of str
        What to look at before going on: tilts without mask, tilts whose mask cuts into the object.
    """

    masks: NDArray[np.bool_]
    threshold_counts: NDArray[np.float64]
    background_counts: NDArray[np.float64]
    masked_off_fraction: NDArray[np.float64]
    notes: tuple[str, ...]


def otsu_masks(
    images: ArrayLike,
    *,
    angles_deg: ArrayLike | None = None,
    dilate_px: float = 3.0,
    largest: bool = True,
    fill_holes: bool = True,
) -> SeriesMasks:
    """
    Mask the object in each image by Otsu's threshold.

    The threshold runs through the soft rim of an object: without dilation it cuts off several percent of the intensity
    of a convex particle, and with it the surface shell. The largest component is chosen before dilation, so that a
    bright speck nearby does not grow into it.

    Parameters
    ----------
    images : (t, y, x) array
        Intensities, background included [counts].
    angles_deg : (t,) array, optional
        Tilt angles to name the tilts by [deg].
    dilate_px : float
        How far the mask reaches beyond what the threshold selects [px].
    largest : bool
        Keep only the largest component; pixels touching at a corner belong together.
    fill_holes : bool
        Fill what the mask encloses.

    Returns
    -------
    masks : SeriesMasks

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues
    InvalidSetting
        The dilation is negative.

    References
    ----------
    Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979) 62, doi:10.1109/TSMC.1979.4310076.
    """
    if not dilate_px >= 0:
        raise InvalidSetting("a mask cannot be dilated by less than nothing: give dilate_px of 0 or more")
    numbered = np.arange(len(np.atleast_1d(np.asarray(images))), dtype=np.float64)
    values, angles = checked_pixels(images, numbered if angles_deg is None else angles_deg)
    names = [
        f"tilt {tilt}" + ("" if angles_deg is None else f" ({angle:.1f} deg)") for tilt, angle in enumerate(angles)
    ]
    masks = np.zeros(values.shape, bool)
    thresholds = np.full(len(values), np.nan)
    for tilt, image in enumerate(values):
        if image.min() < image.max():
            thresholds[tilt] = tied_threshold(GreyHistogram.of(image))
            masks[tilt] = _grown(image > thresholds[tilt], dilate_px, largest=largest, fill_holes=fill_holes)
    levels = np.array([level_outside(image, mask) for image, mask in zip(values, masks, strict=True)])
    cut_off = masked_off_fraction(values, masks, background_counts=levels)
    return SeriesMasks(masks, thresholds, levels, cut_off, _notes(names, masks, cut_off))


def level_outside(image: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """Return the median of an image outside its mask, of its darkest tenth where the mask leaves nothing."""
    outside = image[~mask]
    return float(np.median(outside if outside.size else np.sort(image, axis=None)[: max(1, image.size // 10)]))


def masked_off_fraction(
    images: NDArray[np.float32], masks: NDArray[np.bool_], *, background_counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Return which part of the intensity above background lies outside each mask.

    Parameters
    ----------
    images : (t, y, x) array
        Intensities [counts].
    masks : (t, y, x) array of bool
    background_counts : (t,) array
        Level of the empty field [counts].

    Returns
    -------
    fraction : (t,) array
        NaN where nothing is above the background [1].
    """
    everywhere = images.sum(axis=(1, 2), dtype=np.float64) - background_counts * images[0].size
    outside = np.where(masks, 0, images).sum(axis=(1, 2), dtype=np.float64)
    outside -= background_counts * (~masks).sum(axis=(1, 2))
    return np.asarray(np.divide(outside, everywhere, out=np.full(len(images), np.nan), where=everywhere > 0))


def checked_masks(masks: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """
    Return a mask for every image, the whole field if none is given.

    Raises
    ------
    WrongShape
        The masks are not those of the series.
    EmptyMask
        A tilt has no pixel in its mask; the tilt is named.
    """
    if masks is None:
        return np.ones(shape, bool)
    inside: NDArray[np.bool_] = np.asarray(masks).astype(bool, copy=False)
    if inside.shape != shape:
        raise WrongShape(f"the masks have shape {inside.shape}, the series {shape} (t, y, x): give one mask per image")
    empty = ~inside.any(axis=(1, 2))
    if empty.any():
        raise EmptyMask(
            f"the mask of tilt {int(np.flatnonzero(empty)[0])} is empty: exclude the tilt, or mask it by hand"
        )
    return inside


def _grown(bright: NDArray[np.bool_], dilate_px: float, *, largest: bool, fill_holes: bool) -> NDArray[np.bool_]:
    """Choose the largest component, dilate it by a disk, fill its holes."""
    mask = bright
    if largest:
        parts, _ = ndimage.label(bright, EIGHT_NEIGHBOURS)
        mask = parts == np.argmax(np.bincount(parts.ravel())[1:]) + 1
    if dilate_px > 0:
        mask = ndimage.distance_transform_edt(~mask) <= dilate_px
    return np.asarray(ndimage.binary_fill_holes(mask) if fill_holes else mask, bool)


def _notes(names: list[str], masks: NDArray[np.bool_], cut_off: NDArray[np.float64]) -> tuple[str, ...]:
    """Name tilts of one value, and the tilt of which most is cut off."""
    empty = [name for name, mask in zip(names, masks, strict=True) if not mask.any()]
    notes = [f"no mask: {', '.join(empty)} has one value everywhere"] if empty else []
    biting = np.flatnonzero(np.nan_to_num(cut_off) > LARGEST_MASKED_OFF)
    if biting.size:
        worst = biting[np.argmax(cut_off[biting])]
        notes.append(
            f"the mask cuts off more than {100 * LARGEST_MASKED_OFF:.0f} % of the intensity at {biting.size} of "
            f"{len(masks)} tilts, {100 * cut_off[worst]:.1f} % at {names[worst]}: raise dilate_px"
        )
    return tuple(notes)
