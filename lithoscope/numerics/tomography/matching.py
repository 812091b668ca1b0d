"""Refining an alignment by projection matching: what a volume projects to tells where each image belongs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, silent
from lithoscope.numerics.tomography.alignment import Alignment, isolated
from lithoscope.numerics.tomography.checks import checked_series
from lithoscope.numerics.tomography.engines import Engine, volume_of
from lithoscope.numerics.tomography.masks import checked_masks
from lithoscope.numerics.tomography.projector import project
from lithoscope.numerics.tomography.shifting import apply_shifts

#: Iterations of a level before steps gather momentum, and the part of the last step that goes on.
PLAIN_ITERATIONS = 2
MOMENTUM = 0.5

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """
    A refined alignment and how it came about.

    Attributes
    ----------
    alignment : Alignment
        With the shifts of the raw images, found before and refined, to be applied once.
    longest_step_px : (iteration,) array
        Longest step of any image [px].
    residual : (iteration,) array
        Root of the summed squares that the volume leaves unexplained, relative to the series, before each step [1].
    """

    alignment: Alignment
    longest_step_px: Float
    residual: Float


def match_projections(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    alignment: Alignment,
    *,
    engine: Engine,
    masks: ArrayLike | None = None,
    bins: Sequence[int] = (4, 2, 1),
    iterations: int = 10,
    largest_step_px: float = 0.5,
    tolerance_px: float = 0.01,
    progress: Progress | None = None,
) -> Matched:
    """
    Shift every image to where a volume of all of them projects, coarse to fine.

    Each iteration shifts the raw images anew, reconstructs, projects and moves every image by least squares, its
    brightness left free. The median step is taken off along both axes: along y it moves the volume, across it walks
    the tilt axis away from where it was put. Worth its time where the centre of mass fails: the object leaves the
    field, or its neighbours enter; where it holds, the volume of few tilts knows less than the centre of mass.

    Parameters
    ----------
    projections : (t, y, x) array
        Raw intensities, background included [counts].
    angles_deg : (t,) array
        Tilt angles [deg].
    alignment : Alignment
        Where to start.
    engine : callable
        Reconstructs as ``engine(projections, angles_deg, rotation_axis_px=...)``.
    masks : (t, y, x) array of bool, optional
        Where the object is in the raw images, as in `align`.
    bins : sequence of int
        Pixels summed along each edge, level by level.
    iterations : int
        Of each level, at most.
    largest_step_px : float
        No image moves further in one iteration [px].
    tolerance_px : float
        A level ends when no image moves further than this, times the bin [px].
    progress : callable, optional
        Called as ``progress(done, total, residual=..., longest_step_px=...)``.

    Returns
    -------
    matched : Matched

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask
    InvalidSetting
        No level, no iteration or no step.

    References
    ----------
    Odstrcil et al., Opt. Express 27 (2019) 36637, doi:10.1364/OE.27.036637.
    """
    if iterations < 1 or largest_step_px <= 0 or not bins or min(bins) < 1:
        raise InvalidSetting("matching needs bins of 1 or more, an iteration and a positive largest_step_px: give them")
    images, angles = checked_series(projections, angles_deg)
    if min(images.shape[1:]) <= max(bins):
        raise InvalidSetting("the coarsest of bins leaves a single pixel of an image: lower it")
    _, objects = isolated(images, checked_masks(masks, images.shape), measured=masks is not None)
    shifts, report = alignment.shifts_px.copy(), progress or silent
    steps: list[float] = []
    residuals: list[float] = []
    for level, bin_px in enumerate(bins):
        last = np.zeros_like(shifts)
        for iteration in range(iterations):
            series = binned(apply_shifts(objects, shifts), bin_px)
            axis_px = (alignment.rotation_axis_px + 0.5) / bin_px - 0.5
            model = project(
                volume_of(engine(series, angles, rotation_axis_px=axis_px)), angles, rotation_axis_px=axis_px
            )
            step = bin_px * steps_to_model(series, model) + (MOMENTUM * last if iteration >= PLAIN_ITERATIONS else 0)
            last = np.clip(step - np.median(step, axis=0), -largest_step_px, largest_step_px)
            shifts = shifts + last
            steps.append(float(abs(last).max()))
            residuals.append(float(np.linalg.norm(series - model) / np.linalg.norm(series)))
            done = level * iterations + iteration + 1
            if not report(done, len(bins) * iterations, residual=residuals[-1], longest_step_px=steps[-1]):
                return Matched(replace(alignment, shifts_px=shifts), np.array(steps), np.array(residuals))
            if steps[-1] < tolerance_px * bin_px:
                break
    return Matched(replace(alignment, shifts_px=shifts), np.array(steps), np.array(residuals))


def binned(images: NDArray[np.float32], bin_px: int) -> NDArray[np.float32]:
    """Average blocks of pixels; images (t, y, x) that do not divide are filled up with zeros at the far edges."""
    tilts, n_y, n_x = images.shape
    padded = np.pad(images, ((0, 0), (0, -n_y % bin_px), (0, -n_x % bin_px)))
    blocks = padded.reshape(tilts, padded.shape[1] // bin_px, bin_px, padded.shape[2] // bin_px, bin_px)
    return np.asarray(blocks.mean(axis=(2, 4)), np.float32)


def steps_to_model(series: NDArray[np.float32], model: NDArray[np.float32]) -> Float:
    """
    Return how far each image must go (y, x) to lie on its model, one step of least squares.

    Parameters
    ----------
    series, model : (t, y, x) arrays
        Of one brightness each up to a factor.

    Returns
    -------
    steps : (t, 2) array
        [px]; zero where the model shows no structure.
    """
    steps = np.zeros((len(series), 2))
    for tilt, (image, expected) in enumerate(zip(series.astype(np.float64), model.astype(np.float64), strict=True)):
        slopes = [slope.ravel() for slope in np.gradient(expected)]
        columns = np.stack([*slopes, expected.ravel()], axis=1)
        normal = columns.T @ columns
        if np.linalg.matrix_rank(normal) == len(normal):
            fitted = np.linalg.solve(normal, columns.T @ image.ravel())
            steps[tilt] = fitted[:2] / fitted[2] if fitted[2] > 0 else 0
    return steps
