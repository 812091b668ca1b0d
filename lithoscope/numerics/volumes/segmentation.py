"""Classes of an image or volume by thresholds of its grey values."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.otsu import GreyHistogram, otsu_thresholds
from lithoscope.numerics.volumes.blocks import (
    Spread,
    bootstrap_spread,
    correlation_lengths_px,
    cut_into_blocks,
    fractions_at,
)
from lithoscope.numerics.volumes.errors import ConstantImage, TooFewGreyValues
from lithoscope.numerics.volumes.surfaces import surface_measure
from lithoscope.tables import Table

BINS = 256
#: The grey scale ends at these percentiles, so that a few hot or dead pixels do not use up the bins.
SCALE_PERCENTILES = (0.01, 99.99)
CLASS_RANGE = (2, 5)
#: An empty unit means that of the image, which this module does not know.
GREY_UNIT = ""
#: A pixel is inside its class if all pixels in a window of this width are.
EDGE_PX = 5
FEWEST_PLATEAU_PIXELS = 20


class Segmentation(NamedTuple):
    """
    Classes of a field, how much there is of each, and where they were divided.

    Parameters
    ----------
    labels : array of uint8
        1 for the darkest class to the number of classes.
    phases : Table
        Per class: fraction with its 90 % interval, mean grey value, surface or perimeter.
    thresholds : Table
        Grey value between each class and the next, with its 90 % interval.
    """

    labels: NDArray[np.uint8]
    phases: Table
    thresholds: Table


def segment_threshold(
    image: ArrayLike,
    *,
    spacing_nm: tuple[float, ...],
    classes: int,
    smoothing_px: float = 1.0,
    fill_holes: bool = False,
    smallest_object_px: int = 0,
    resamples: int = 200,
    seed: int = 0,
) -> Segmentation:
    """
    Divide an image or volume into classes of grey value by Otsu's criterion.

    Parameters
    ----------
    image : (y, x) or (z, y, x) array
    spacing_nm : tuple of float
        Step along each axis [nm].
    classes : int
        Two to five.
    smoothing_px : float
        Standard deviation of a Gaussian applied first [px]; the same along every axis, 0 leaves it out.
    fill_holes : bool
        Give darker regions that are enclosed by a class to that class; one that touches the border is not enclosed.
    smallest_object_px : int
        Give connected regions (faces touch) of fewer pixels to the next darker class.
    resamples : int
        Bootstrap samples behind each interval.
    seed : int
        Of the bootstrap.

    Returns
    -------
    segmentation : Segmentation
        The 90 % intervals hold the value of the material the field is a sample of, as far as the field shows its
        scatter; they do not know of a phase that the field missed.

    Raises
    ------
    WrongShape, NonFiniteValues, ConstantImage, TooFewGreyValues, InvalidSetting
    """
    grey = _checked_image(image, classes)
    if smoothing_px > 0:
        grey = ndimage.gaussian_filter(grey, smoothing_px, mode="nearest")
    grey, scale = _grey_scale(grey, classes)
    thresholds = otsu_thresholds(_histogram(grey, scale), classes)
    untidy = (np.searchsorted(thresholds, grey, side="left") + 1).astype(np.uint8)
    labels = _tidied(untidy, classes, fill_holes=fill_holes, smallest_object_px=smallest_object_px)
    blocks = cut_into_blocks(grey.shape, correlation_lengths_px(labels))
    parts = [_histogram(grey[part], scale[part]) for part in blocks.parts]
    histograms = GreyHistogram(np.array([part.counts for part in parts]), np.array([part.sums for part in parts]))
    threshold_spread, fraction_spread = bootstrap_spread(
        histograms,
        np.array([np.bincount(labels[part].ravel(), minlength=classes + 1)[1:] for part in blocks.parts], np.float64),
        thresholds,
        widening=blocks.widening,
        resamples=resamples,
        rng=np.random.default_rng(seed),
    )
    plateaus = plateau_thresholds(grey, untidy, classes)
    whole = GreyHistogram(histograms.counts.sum(axis=0), histograms.sums.sum(axis=0))
    blurred = fractions_at(whole, plateaus[None])[0] - fractions_at(whole, thresholds[None])[0]
    return Segmentation(
        labels,
        _phase_table(grey, labels, fraction_spread.reaching(blurred), spacing_nm),
        _threshold_table(grey, thresholds, threshold_spread.reaching(plateaus - thresholds)),
    )


def plateau_thresholds(grey: NDArray[np.float32], labels: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """
    Place thresholds midway between the grey values inside the classes, away from their edges.

    Blur mixes the classes at their edges and pulls Otsu's class means, and so his thresholds, towards the rarer class.
    Where the plateaus stand, a midpoint between them puts the edge of a flat interface in the right place.

    Returns
    -------
    thresholds : (classes - 1,) array
    """
    inside = ndimage.maximum_filter(labels, EDGE_PX, mode="nearest") == ndimage.minimum_filter(
        labels, EDGE_PX, mode="nearest"
    )
    levels = np.empty(classes)
    for label in range(1, classes + 1):
        of_class = labels == label
        plateau = grey[of_class & inside]
        levels[label - 1] = np.median(plateau if len(plateau) >= FEWEST_PLATEAU_PIXELS else grey[of_class])
    return (levels[1:] + levels[:-1]) / 2


def _checked_image(image: ArrayLike, classes: int) -> NDArray[np.float32]:
    """Return the image as float32, or say why it cannot be divided."""
    values = np.asarray(image)
    if values.ndim not in {2, 3} or 0 in values.shape:
        raise WrongShape(f"an array of shape {values.shape} is no image (y, x) or volume (z, y, x): choose one")
    if not CLASS_RANGE[0] <= classes <= CLASS_RANGE[1]:
        raise InvalidSetting(f"classes must be {CLASS_RANGE[0]} to {CLASS_RANGE[1]}: choose a number between")
    with np.errstate(over="ignore"):
        values = values.astype(np.float32, copy=False)
    if not np.isfinite(values).all():
        raise NonFiniteValues("the image holds NaN or infinite values: crop or repair these pixels first")
    distinct = len(np.unique(values.ravel()[: 64 * classes]))  # the first few pixels settle it almost always
    distinct = distinct if distinct >= classes else len(np.unique(values))
    if distinct == 1:
        raise ConstantImage("the image has one grey value everywhere: there is nothing to divide, check the input")
    if distinct < classes:
        raise TooFewGreyValues(f"the image has {distinct} grey values for {classes} classes: ask for fewer classes")
    return values


def _grey_scale(grey: NDArray[np.float32], classes: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return the image clipped to its grey scale, and the histogram bin of each pixel."""
    for ends in (np.percentile(grey, SCALE_PERCENTILES), (grey.min(), grey.max())):
        low, high = float(ends[0]), float(ends[1])
        if low < high:
            clipped = np.clip(grey, low, high)
            scale = ((clipped - low) * ((BINS - 1e-3) / (high - low))).astype(np.uint8)
            if np.count_nonzero(np.bincount(scale.ravel())) >= classes:
                return clipped, scale
    raise TooFewGreyValues(f"too few of the image's grey values differ clearly for {classes} classes: ask for fewer")


def _histogram(grey: NDArray[np.float32], scale: NDArray[np.uint8]) -> GreyHistogram:
    """Return the histogram of a part of the image."""
    bins = scale.ravel()
    return GreyHistogram(
        np.bincount(bins, minlength=BINS).astype(np.float64),
        np.bincount(bins, weights=grey.ravel(), minlength=BINS).astype(np.float64),
    )


def _tidied(labels: NDArray[np.uint8], classes: int, *, fill_holes: bool, smallest_object_px: int) -> NDArray[np.uint8]:
    """Return the labels with enclosed regions filled and small objects given to the class below."""
    tidy = labels.copy()
    if fill_holes:
        for label in range(2, classes + 1):
            tidy[ndimage.binary_fill_holes(tidy >= label) & (tidy < label)] = label
    if smallest_object_px > 1:
        for label in range(classes, 1, -1):
            objects, _ = ndimage.label(tidy >= label)
            small = np.bincount(objects.ravel()) < smallest_object_px
            small[0] = False
            tidy[small[objects]] = label - 1
    return tidy


def _phase_table(
    grey: NDArray[np.float32], labels: NDArray[np.uint8], spread: Spread, spacing_nm: tuple[float, ...]
) -> Table:
    """List what each class amounts to."""
    classes = range(1, len(spread.low) + 1)
    counts = np.bincount(labels.ravel(), minlength=len(classes) + 1)[1:]
    sums = np.bincount(labels.ravel(), weights=grey.ravel(), minlength=len(classes) + 1)[1:]
    measure, unit = ("surface_nm2", "nm^2") if labels.ndim == 3 else ("perimeter_nm", "nm")
    columns = {
        "class": list(classes),
        "fraction": (counts / labels.size).tolist(),
        "fraction_uncertainty": spread.deviation.tolist(),
        "fraction_low": spread.low.clip(0, 1).tolist(),
        "fraction_high": spread.high.clip(0, 1).tolist(),
        "mean_grey": [float(s / n) if n else None for s, n in zip(sums, counts, strict=True)],
        measure: [surface_measure(labels == label, spacing_nm=spacing_nm) for label in classes],
    }
    return Table(columns, dict.fromkeys(columns, "1") | {"mean_grey": GREY_UNIT, measure: unit})


def _threshold_table(grey: NDArray[np.float32], thresholds: NDArray[np.float64], spread: Spread) -> Table:
    """List where each class ends and the next begins; no threshold lies outside the grey values."""
    ends = float(grey.min()), float(grey.max())
    columns = {
        "below_class": list(range(2, len(thresholds) + 2)),
        "threshold": thresholds.tolist(),
        "threshold_uncertainty": spread.deviation.tolist(),
        "threshold_low": spread.low.clip(*ends).tolist(),
        "threshold_high": spread.high.clip(*ends).tolist(),
    }
    return Table(columns, dict.fromkeys(columns, GREY_UNIT) | {"below_class": "1"})
