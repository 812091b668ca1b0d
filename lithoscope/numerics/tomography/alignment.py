"""Aligning a tilt series: centre of mass across the tilt axis, common line along it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.tomography.checks import checked_axis, checked_pixels, tilt_name
from lithoscope.numerics.tomography.common_lines import common_lines, match_lines
from lithoscope.numerics.tomography.errors import EmptyProjection
from lithoscope.numerics.tomography.masks import checked_masks, level_outside

#: A tilt with less signal than this part of the median tilt shows no object [1].
SMALLEST_SIGNAL = 0.02
#: Neighbouring pixels of an object are alike; those of noise correlate by chance, within one over the root of their
#: number. So many times that is the least an image of an object shows.
CHANCE = 4

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """
    Where the images of a tilt series go, to be applied once and verbatim to everything recorded with them.

    Attributes
    ----------
    shifts_px : (t, 2) array
        Shift of each image (y, x), positive towards higher index [px].
    rotation_axis_px : float
        Where the tilt axis, along y, falls on the shifted images [px].
    background_counts : (t,) array
        Level of the empty field of each image, taken off before [counts].
    line_correlation : (t,) array
        Of each image's common line with the mean of all [1].
    line_spread : float
        Mean over the tilts of the summed squares of the common line's difference from the mean line, over those of the
        mean line [1].
    notes : tuple of str
        What makes the shifts doubtful, tilts named.
    """

    shifts_px: Float
    rotation_axis_px: float
    background_counts: Float
    line_correlation: Float
    line_spread: float
    notes: tuple[str, ...]


def align(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    masks: ArrayLike | None = None,
    rotation_axis_px: float | None = None,
    mean_updates: int = 2,
) -> Alignment:
    """
    Find the shifts that put the object's centre of mass on the tilt axis and its common lines on each other.

    Across the axis the centre of mass fixes every image by itself; along it, the sums across the axis are alike at
    every tilt and are matched to their mean to a hundredth of a pixel. The image nearest 0 deg keeps its place along y.
    Exact where the whole object stays inside field and masks; a mask that cuts its rim moves the centre of mass.

    Parameters
    ----------
    projections : (t, y, x) array
        Raw intensities, background included; the tilt axis runs along y [counts]. Else give what `turn_series` makes,
        and let `turn_and_shift` apply what is found to the raw data.
    angles_deg : (t,) array
        Tilt angles [deg] in any order.
    masks : (t, y, x) array of bool, optional
        Where the object is, some pixels of empty rim included; only this is measured, above the median outside. Without
        masks the whole field is measured as it is: a background moves the centre of mass.
    rotation_axis_px : float, optional
        Where to put the tilt axis [px]; ``(n - 1) / 2`` by default.
    mean_updates : int
        How often the mean of the moved lines becomes the reference.

    Returns
    -------
    alignment : Alignment

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, AxisOutsideDetector
    EmptyProjection, EmptyMask
        The tilt is named.
    InvalidSetting
        The number of updates is negative.

    References
    ----------
    Scott et al., Nature 483 (2012) 444, doi:10.1038/nature10934; Guizar-Sicairos, Thurman and Fienup, Opt. Lett. 33
    (2008) 156, doi:10.1364/OL.33.000156.
    """
    if mean_updates < 0:
        raise InvalidSetting("the reference cannot be updated less than never: give mean_updates of 0 or more")
    images, angles = checked_pixels(projections, angles_deg)
    axis_px = checked_axis(rotation_axis_px, images.shape[2])
    inside = checked_masks(masks, images.shape)
    levels, objects = isolated(images, inside, measured=masks is not None)
    refuse_empty(images, objects, angles)
    centres = centres_of_mass(objects)
    reference = int(np.argmin(abs(angles)))
    lines = match_lines(
        common_lines(objects), reference=reference, period_px=2 * max(images.shape[1:]), mean_updates=mean_updates
    )
    shifts = np.stack([lines.shifts_px - lines.shifts_px[reference], axis_px - centres[:, 1]], axis=1)
    notes = _notes(angles, inside, measured=masks is not None)
    return Alignment(shifts, axis_px, levels, lines.correlation, float(lines.spread.mean()), notes)


def isolated(
    images: NDArray[np.float32], masks: NDArray[np.bool_], *, measured: bool = True
) -> tuple[Float, NDArray[np.float32]]:
    """
    Take the background off and set to zero what lies outside the masks.

    Parameters
    ----------
    images : (t, y, x) array
        Raw intensities [counts].
    masks : (t, y, x) array of bool
    measured : bool
        The background is the median outside the masks; it is zero otherwise.

    Returns
    -------
    levels : (t,) array
        Background of each image [counts].
    objects : (t, y, x) array of float32
    """
    levels = np.zeros(len(images))
    if measured:
        levels = np.array([level_outside(image, mask) for image, mask in zip(images, masks, strict=True)])
    return levels, np.where(masks, images - levels.astype(np.float32)[:, None, None], np.float32(0))


def centres_of_mass(objects: NDArray[np.float32]) -> Float:
    """Return the centre of mass (y, x) of each image of positive sum (t, y, x) [px]."""
    rows, columns = objects.sum(axis=2, dtype=np.float64), objects.sum(axis=1, dtype=np.float64)
    total = rows.sum(axis=1)
    places = [light @ np.arange(light.shape[1]) / total for light in (rows, columns)]
    return np.stack(places, axis=1)


def refuse_empty(images: NDArray[np.float32], objects: NDArray[np.float32], angles_deg: Float) -> None:
    """
    Refuse a series one tilt of which shows nothing of the object that the others show.

    A threshold always selects something, even of noise, so the signal inside a mask does not suffice.

    Parameters
    ----------
    images : (t, y, x) array
        Raw intensities [counts].
    objects : (t, y, x) array
        The same without background, zero outside the masks [counts].
    angles_deg : (t,) array
        Tilt angles [deg].

    Raises
    ------
    WrongShape
        The images are lines.
    EmptyProjection
        The tilt is named.
    """
    if min(images.shape[1:]) < 2:
        raise WrongShape(
            f"images of {images.shape[1:]} pixels cannot be aligned: give (tilt, y, x) of two or more each"
        )
    signal = objects.sum(axis=(1, 2), dtype=np.float64)
    empty = signal <= max(0.0, SMALLEST_SIGNAL * float(np.median(signal)))
    empty |= np.array([likeness_of_neighbours(image) for image in images]) <= CHANCE / np.sqrt(images[0].size)
    if empty.any():
        raise EmptyProjection(
            f"{tilt_name(angles_deg, empty)} has no signal inside its mask: exclude this tilt from the series"
        )


def likeness_of_neighbours(image: NDArray[np.float32]) -> float:
    """Return the correlation of pixels with their neighbours, along y or x whichever is less; 0 for one value."""
    about = image.astype(np.float64) - image.mean(dtype=np.float64)
    power = np.mean(about**2)
    return min(float(np.mean(a * b) / power) for a, b in _neighbours(about)) if power > 0 else 0.0


def _neighbours(image: Float) -> tuple[tuple[Float, Float], tuple[Float, Float]]:
    """Pair each pixel with the next along y, and along x."""
    return (image[1:], image[:-1]), (image[:, 1:], image[:, :-1])


def reaches_border(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which masks (t, y, x) touch the edge of the field."""
    return np.array([mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any() for mask in masks])


def _notes(angles_deg: Float, masks: NDArray[np.bool_], *, measured: bool) -> tuple[str, ...]:
    """Say at which tilts the object may leave the field, or that no mask was given."""
    if not measured:
        return ("no masks: a background or a second object in the field moves the centre of mass",)
    border = reaches_border(masks)
    if not border.any():
        return ()
    note = (
        f"the mask reaches the edge of the field at {int(border.sum())} tilts, {tilt_name(angles_deg, border)} first: "
    )
    return (note + "where the object leaves the field its centre of mass is wrong; refine by projection matching",)
