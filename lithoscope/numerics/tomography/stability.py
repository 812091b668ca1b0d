"""Did the beam change the specimen: the frames repeated at one tilt, compared with what counting alone explains."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.errors import NegativeCounts
from lithoscope.numerics.tomography.matching import steps_to_model
from lithoscope.numerics.tomography.shifting import apply_shifts
from lithoscope.units import Quantity

Verdict = Literal["stable", "changed", "undecided"]

#: A change is told from counting noise at so many standard uncertainties, if one comparison is made; of many, further
#: away, so that all of them together are as rarely wrong.
CONFIDENCE = 2.0
#: Steps of least squares that lay one frame on the other.
REGISTRATION_STEPS = 8
SMALLEST_STEP_PX = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class MapChange:
    """
    How one map of a later frame differs from that of the first.

    Attributes
    ----------
    name : str
    frame : int
        The later frame, counted from 0.
    change : Quantity
        Of the summed counts inside the mask, relative to the first frame [1]; unknown where that has none.
    difference_rms_counts : float
        Root mean square difference of the pixels inside the mask [counts].
    expected_rms_counts : float
        What the variances of the counts lead one to expect [counts].
    chi_square : float
        Mean squared difference over its variance inside the mask; 1 is expected, NaN where nothing was counted [1].
    chi_square_uncertainty : float
        Standard uncertainty of that expectation [1].
    unexplained_rms : float
        Root mean square difference that counting noise does not explain, relative to the mean count of the first frame,
        at least: two standard uncertainties below what was found; 0 where noise explains it [1].
    """

    name: str
    frame: int
    change: Quantity
    difference_rms_counts: float
    expected_rms_counts: float
    chi_square: float
    chi_square_uncertainty: float
    unexplained_rms: float


@dataclass(frozen=True, slots=True, eq=False)
class BeamStability:
    """
    What the repeated frames say.

    Attributes
    ----------
    shifts_px : (frame, 2) array
        Drift (y, x) taken off each frame, found on the structure image [px].
    correlation : (frame,) array
        Normalised correlation of each structure image with the first, inside the mask and after the shift [1].
    changes : tuple of MapChange
        Of every map and later frame.
    verdict : {"stable", "changed", "undecided"}
        Undecided where counting noise could hide a change larger than allowed.
    reasons : tuple of str
        What the verdict rests on.
    """

    shifts_px: NDArray[np.float64]
    correlation: NDArray[np.float64]
    changes: tuple[MapChange, ...]
    verdict: Verdict
    reasons: tuple[str, ...]


def beam_stability(
    structure: ArrayLike,
    maps: Mapping[str, ArrayLike],
    *,
    mask: ArrayLike,
    variances: Mapping[str, ArrayLike] | None = None,
    largest_change: float = 0.05,
    lowest_correlation: float = 0.95,
) -> BeamStability:
    """
    Compare frames repeated at one tilt, and judge whether the beam changed the specimen.

    Drift between the frames is found on the structure image and taken off everything recorded with it. Counts scatter:
    a change is believed where it exceeds what is allowed by more than twice its uncertainty, and stability where a
    change larger than allowed is excluded as surely. Where the sum of a map is kept, its pixels may still have changed
    places: what they differ by beyond counting noise, and beyond what the structure image differs by after the shift
    (edges that pixels do not resolve), is held against the same limit.

    Parameters
    ----------
    structure : (frame, y, x) array
        ADF images without background, first frame first.
    maps : mapping of str to (frame, y, x) arrays
        Counts per pixel of each element or edge; background may have been subtracted if variances are given [counts].
    mask : (y, x) array of bool
        Where the specimen is in the first frame.
    variances : mapping of str to (frame, y, x) arrays, optional
        Of the maps [counts²]; raw counts are their own variance.
    largest_change : float
        Of the summed counts of a map, either way, that is still called stable [1].
    lowest_correlation : float
        Of the structure images [1].

    Returns
    -------
    stability : BeamStability

    Raises
    ------
    WrongShape, NonFiniteValues, EmptyMask
    NegativeCounts
        A map has counts below zero, or a variance is.
    InvalidSetting
        A single frame, or limits without meaning.

    References
    ----------
    003 Methods and its supplementary figure of the repeated 0 deg frames.
    """
    if not (largest_change > 0 and 0 < lowest_correlation < 1):
        raise InvalidSetting("give a positive largest_change, and lowest_correlation between 0 and 1")
    frames = _checked_frames("structure", structure)
    inside: NDArray[np.bool_] = np.asarray(mask).astype(bool, copy=False)
    if inside.shape != frames.shape[1:]:
        raise WrongShape(
            f"the mask has shape {inside.shape}, the frames {frames.shape[1:]} (y, x): give one of a frame"
        )
    if not inside.any():
        raise EmptyMask("the mask selects no pixel: lower its threshold")
    shifts = np.array([_drift(frames[0], frame) for frame in frames])
    moved = apply_shifts(frames, shifts)
    correlation = np.array([_correlation(moved[0][inside], frame[inside]) for frame in moved])
    changes: list[MapChange] = []
    for name, values in maps.items():
        counts, spread = _checked_counts(name, values, variances, frames.shape)
        aligned, noise = apply_shifts(counts, shifts), apply_shifts(spread, shifts, variances=True)
        changes += [
            map_change(
                name,
                frame,
                aligned[[0, frame]][:, inside],
                noise[[0, frame]][:, inside],
                structure=moved[[0, frame]][:, inside],
                comparisons=len(maps) * (len(frames) - 1),
            )
            for frame in range(1, len(frames))
        ]
    verdict, reasons = _judged(correlation, changes, largest_change, lowest_correlation)
    return BeamStability(shifts, correlation, tuple(changes), verdict, reasons)


def confidence(comparisons: int) -> float:
    """Return the standard uncertainties beyond which one of so many results is as rare as one alone at `CONFIDENCE`."""
    normal = NormalDist()
    return normal.inv_cdf(1 - normal.cdf(-CONFIDENCE) / max(comparisons, 1))


def map_change(
    name: str,
    frame: int,
    pair: NDArray[np.float32],
    variances: NDArray[np.float32],
    *,
    structure: NDArray[np.float32] | None = None,
    comparisons: int = 1,
) -> MapChange:
    """
    Compare the pixels of two frames of one map.

    Parameters
    ----------
    name : str
    frame : int
    pair, variances : (2, pixel) arrays
        First frame and later one [counts], and their variances [counts²].
    structure : (2, pixel) array, optional
        Structure images of both frames: what they differ by is no change of a map.
    comparisons : int
        How many changes are judged together.

    Returns
    -------
    change : MapChange
    """
    counts, spread = pair.astype(np.float64), variances.astype(np.float64)
    before, after = counts.sum(axis=1)
    difference, expected = counts[1] - counts[0], spread.sum(axis=0)
    counted = expected > 0
    ratio = difference[counted] ** 2 / expected[counted]
    told = 1 + confidence(comparisons) * np.sqrt(2 / len(difference))
    excess = np.mean(difference**2) - told * np.mean(expected) - _of_structure(structure, float(counts[0].mean()))
    change = Quantity.unknown("1", "the first frame has no counts inside the mask")
    if before > 0:
        uncertainty = float(np.sqrt(spread[1].sum() + (after / before) ** 2 * spread[0].sum()) / before)
        change = Quantity(float(after / before - 1), "1", "measured", uncertainty, note="of counts inside the mask")
    return MapChange(
        name=name,
        frame=frame,
        change=change,
        difference_rms_counts=float(np.sqrt(np.mean(difference**2))),
        expected_rms_counts=float(np.sqrt(np.mean(expected))),
        chi_square=float(ratio.mean()) if ratio.size else float("nan"),
        chi_square_uncertainty=float(np.sqrt(2 / ratio.size)) if ratio.size else float("nan"),
        unexplained_rms=float(np.sqrt(max(0.0, excess)) / counts[0].mean()) if before > 0 else 0.0,
    )


def _of_structure(structure: NDArray[np.float32] | None, mean_counts: float) -> float:
    """Return the mean square by which a map would differ if it differed as the structure image does [counts²]."""
    if structure is None:
        return 0.0
    images = structure.astype(np.float64)
    level = images[0].mean()
    return float(np.mean((images[1] - images[0]) ** 2) * (mean_counts / level) ** 2) if level > 0 else 0.0


def _judged(
    correlation: NDArray[np.float64], changes: list[MapChange], largest_change: float, lowest_correlation: float
) -> tuple[Verdict, tuple[str, ...]]:
    """Weigh every figure: one change suffices, and one that cannot be told leaves the rest undecided."""
    apart = confidence(len(changes))
    changed: list[str] = []
    hidden: list[str] = []
    worst = int(np.argmin(correlation))
    if correlation[worst] < lowest_correlation:
        changed.append(f"structure of frame {worst}: correlation {correlation[worst]:.3f} < {lowest_correlation:.3f}")
    for item in changes:
        value, uncertainty = item.change.value, item.change.uncertainty
        if value is None or uncertainty is None:
            hidden.append(f"{item.name}, frame {item.frame}: {item.change.note}")
            continue
        said = f"{item.name}, frame {item.frame}: {100 * value:+.1f} ± {100 * uncertainty:.1f} %"
        if abs(value) - apart * uncertainty > largest_change:
            changed.append(f"{said}, more than {100 * largest_change:.1f} %")
        elif item.unexplained_rms > largest_change:
            part = f"pixels differ by {100 * item.unexplained_rms:.1f} % beyond counting noise"
            changed.append(f"{item.name}, frame {item.frame}: its sum is kept, {part}")
        elif abs(value) + apart * uncertainty > largest_change:
            hidden.append(f"{said}, {100 * largest_change:.1f} % is not excluded")
    if changed:
        return "changed", tuple(changed)
    if hidden or not changes:
        return "undecided", tuple(hidden) or ("no map was given: the structure image alone does not tell",)
    return "stable", (
        f"no map changed by more than {100 * largest_change:.1f} %, correlation {correlation[worst]:.3f}",
    )


def _drift(first: NDArray[np.float32], frame: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the shift (y, x) that lays a frame on the first [px], by least squares from the raw frame each time."""
    start = np.fft.irfft2(np.fft.rfft2(first) * np.fft.rfft2(frame).conj(), first.shape)
    peak = np.unravel_index(int(np.argmax(start)), first.shape)
    shift = np.array([(at + n // 2) % n - n // 2 for at, n in zip(peak, first.shape, strict=True)], np.float64)
    for _ in range(REGISTRATION_STEPS):
        step = steps_to_model(apply_shifts(frame[None], shift[None]), first[None])[0]
        shift += np.clip(step, -1, 1)
        if abs(step).max() < SMALLEST_STEP_PX:
            break
    return shift


def _correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Return the normalised correlation of two sets of pixels about their means; 0 where one is flat."""
    a, b = first - first.mean(dtype=np.float64), second - second.mean(dtype=np.float64)
    norm = float(np.sqrt(np.sum(a**2) * np.sum(b**2)))
    return float(np.sum(a * b)) / norm if norm > 0 else 0.0


def _checked_frames(name: str, values: ArrayLike) -> NDArray[np.float32]:
    """Return two frames or more whose every pixel is a number."""
    frames = np.asarray(values, np.float32)
    if frames.ndim != 3 or 0 in frames.shape:
        raise WrongShape(f"{name} has shape {frames.shape}: give (frame, y, x)")
    if len(frames) < 2:
        raise InvalidSetting(f"{name} has {len(frames)} frame: a change shows between two or more of one tilt")
    if not np.isfinite(frames).all():
        raise NonFiniteValues(f"{name} holds NaN or infinite values: repair dead pixels or leave the frame out")
    return frames


def _checked_counts(
    name: str, values: ArrayLike, variances: Mapping[str, ArrayLike] | None, shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a map's frames and their variances: the counts themselves if none are given."""
    counts = _checked_frames(name, values)
    spread = counts
    if variances is not None:
        if name not in variances:
            raise InvalidSetting(f"{name} came without variances: give those of every map, or of none")
        spread = _checked_frames(f"the variance of {name}", variances[name])
    if counts.shape != shape or spread.shape != shape:
        raise WrongShape(f"{name} has shape {counts.shape}, the structure {shape}: give maps of the same frames")
    if spread.min() < 0:
        raise NegativeCounts(f"{name} has counts below zero: give raw counts, or variances beside them")
    return counts, spread
