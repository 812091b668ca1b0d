"""Reconstruction by filtered back projection."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import Progress, silent
from lithoscope.numerics.tomography.checks import checked_axis, checked_maps, checked_mask, same_direction
from lithoscope.numerics.tomography.memory import refuse_algebraic
from lithoscope.numerics.tomography.projector import as_rays, back_projection_matrix
from lithoscope.numerics.tomography.stacked import StackedMaps

FilterName = Literal["ramp", "shepp-logan", "cosine", "hamming", "hann"]

#: The largest gap between tilts is a missing wedge if it is this many times the second largest.
WEDGE_RATIO = 2.0


def fbp(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    rotation_axis_px: float | None = None,
    filter: FilterName = "ramp",  # noqa: A002 - the word of the field
    mask: ArrayLike | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """
    Reconstruct a volume by filtered back projection.

    Each tilt weighs as much as the angle it stands for, so irregular tilts are allowed and duplicates share a weight.

    Parameters
    ----------
    projections : (t, y, x) array
        Line integrals without background.
    angles_deg : (t,) array
        Tilt angles [deg] in any order; the detector coordinate is ``u = x cos t + z sin t``.
    rotation_axis_px : float, optional
        Where the tilt axis, parallel to y, falls on the detector [px]; ``(n - 1) / 2`` by default.
    filter : {"ramp", "shepp-logan", "cosine", "hamming", "hann"}
        Window on the ramp; from left to right it damps noise and detail more.
    mask : (z, y, x) array of bool, optional
        The volume is set to zero outside.
    progress : callable, optional
        Called as ``progress(done, total)`` after each tilt.

    Returns
    -------
    volume : (z, y, x) array of float32
        As deep as wide, beam along z at 0 deg, in units of the projections per pixel.

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask, AxisOutsideDetector

    References
    ----------
    Kak and Slaney, Principles of Computerized Tomographic Imaging (1988), chapter 3, doi:10.1137/1.9780898719277.
    """
    volume: NDArray[np.float32] = fbp_maps(
        [projections], angles_deg, rotation_axis_px=rotation_axis_px, filter=filter, mask=mask, progress=progress
    )[0]
    return volume


def fbp_maps(
    projections: Sequence[ArrayLike] | NDArray[Any],
    angles_deg: ArrayLike,
    *,
    rotation_axis_px: float | None = None,
    filter: FilterName = "ramp",  # noqa: A002 - the word of the field
    mask: ArrayLike | None = None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """
    Reconstruct several maps of one tilt series together, as `fbp` does one.

    Parameters
    ----------
    projections : (map, t, y, x) array, or one series (t, y, x) per map
        `fbp` describes all other parameters.

    Returns
    -------
    volumes : (map, z, y, x) array of float32

    Raises
    ------
    What `fbp` raises, with the number of the map.
    """
    images, angles = checked_maps(projections, angles_deg)
    refuse_algebraic(images.shape, engine="Filtered back projection", tilts_at_once=1)
    n_y, n_x = images.shape[2:]
    stack = StackedMaps.of(images)
    axis = checked_axis(rotation_axis_px, n_x)
    inside = checked_mask(mask, (n_x, n_y, n_x))
    response = ramp_response(n_x, filter)
    weights = angular_weights(angles)
    total = np.zeros((n_x * n_x, stack.series.shape[1]), np.float32)
    report = progress or silent
    for tilt in range(len(angles)):
        matrix = back_projection_matrix(angles[tilt : tilt + 1], n_x=n_x, rotation_axis_px=axis)
        spectrum = np.fft.rfft(stack.series[tilt : tilt + 1], n=2 * (len(response) - 1), axis=2) * response
        filtered = np.fft.irfft(spectrum, n=2 * (len(response) - 1), axis=2)[:, :, :n_x]
        total += matrix @ as_rays((weights[tilt] * filtered).astype(np.float32))
        if not report(tilt + 1, len(angles)):
            break
    volumes = stack.volumes(total)
    if inside is not None:
        volumes[:, ~inside] = 0
    return volumes


def ramp_response(n_x: int, name: FilterName) -> NDArray[np.float32]:
    """
    Sample the windowed ramp filter for rows of `n_x` pixels, padded so that no row wraps around.

    The ramp is built in real space: sampled in frequency its mean is wrong, and so is that of the volume.

    Returns
    -------
    response : (frequency,) array of float32
        One value per frequency of a real Fourier transform [1/px].
    """
    size = 1 << int(np.ceil(np.log2(2 * n_x)))
    place = np.fft.fftfreq(size, 1 / size)
    odd = place % 2 == 1
    kernel = np.zeros(size)
    kernel[0] = 0.25
    kernel[odd] = -1 / (np.pi * place[odd]) ** 2
    frequency = np.fft.rfftfreq(size)
    window = {
        "ramp": np.ones(len(frequency)),
        "shepp-logan": np.sinc(frequency),
        "cosine": np.cos(np.pi * frequency),
        "hamming": 0.54 + 0.46 * np.cos(2 * np.pi * frequency),
        "hann": 0.5 + 0.5 * np.cos(2 * np.pi * frequency),
    }[name]
    return np.asarray(np.fft.rfft(kernel).real * window, np.float32)


def angular_weights(angles_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Say how much of the half circle each tilt stands for.

    A direction owns half of the gap to either neighbour. The missing wedge belongs to nobody: the tilts at its edges
    count their inner gap twice, so that evenly spaced tilts weigh the same. Tilts of one direction share its weight.

    Returns
    -------
    weights : (tilt,) array
        Angle [rad]; the sum is pi if there is no wedge.
    """
    direction = same_direction(angles_deg)
    _, first, count = np.unique(direction, return_index=True, return_counts=True)
    folded = np.mod(angles_deg[first], 180.0)
    order = np.argsort(folded)
    gaps = np.empty(len(first))
    gaps[order] = np.diff(folded[order], append=folded[order[0]] + 180.0)
    after, before = gaps.copy(), np.empty(len(first))
    before[order] = np.roll(gaps[order], 1)
    widest = int(np.argmax(gaps))
    if gaps[widest] > WEDGE_RATIO * np.partition(gaps, -2)[-2]:
        wedge_end = order[(int(np.flatnonzero(order == widest)[0]) + 1) % len(order)]
        after[widest], before[wedge_end] = before[widest], after[wedge_end]
    return np.asarray(np.deg2rad((after + before) / 2) / count)[direction]
