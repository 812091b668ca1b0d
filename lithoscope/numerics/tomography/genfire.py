"""Reconstruction by generalised Fourier iteration (GENFIRE)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, silent
from lithoscope.numerics.tomography.checks import checked_axis, checked_maps, checked_mask
from lithoscope.numerics.tomography.columns import ColumnTransform, column_transform
from lithoscope.numerics.tomography.enforcement import MapSearch, enforce
from lithoscope.numerics.tomography.gridding import (
    GriddingMethod,
    gridded_rows,
    measured_columns,
    padded_size,
)
from lithoscope.numerics.tomography.memory import refuse_genfire
from lithoscope.numerics.tomography.schedule import Resolution, cutoff_switches
from lithoscope.numerics.tomography.withheld import fourier_points


@dataclass(frozen=True, slots=True, eq=False)
class GenfireResult:
    """
    A volume with the figures that judge it.

    Attributes
    ----------
    volume : (z, y, x) array of float32
        The best volume since the enforced resolution last changed, in units of the projections per pixel.
    error_k : (iteration,) array
        Summed difference in magnitude at the shown points over their summed magnitude, of every iteration done [1].
    error_k_shells : (iteration, shell) array
        The same for each shell; NaN where a shell has no shown point [1].
    r_free : (iteration,) array or None
        The same at the withheld points; None if none are withheld [1].
    r_free_shells : (iteration, shell) array or None
        The same for each shell; NaN where a shell has no withheld point [1].
    filled_fraction : float
        Share of the whole padded grid that was measured, withheld points included [1].
    best_iteration : int
        The iteration the volume is from, counted from 1.
    projection_spread : float
        Standard deviation of the sums of the projections over their mean: what averaging the origin of Fourier space
        hides; NaN if that mean is zero [1].
    """

    volume: NDArray[np.float32]
    error_k: NDArray[np.float64]
    error_k_shells: NDArray[np.float64]
    r_free: NDArray[np.float64] | None
    r_free_shells: NDArray[np.float64] | None
    filled_fraction: float
    best_iteration: int
    projection_spread: float


def genfire(
    projections: ArrayLike,
    angles_deg: ArrayLike,
    *,
    iterations: int,
    oversampling_ratio: float = 3,
    interpolation_radius_px: float = 0.1,
    gridding: GriddingMethod = "dft",
    resolution: Resolution = "all",
    resolution_circle: bool = True,
    support: ArrayLike | None = None,
    nonnegative: bool = True,
    withheld_fraction: float = 0.05,
    rotation_axis_px: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> GenfireResult:
    """
    Reconstruct a volume from a tilt series of one axis by generalised Fourier iteration.

    The projections fill points of a padded Fourier grid. Each iteration makes the volume obey what is known of it in
    space (no negative density, nothing outside the support), then replaces the filled points of its transform by the
    measured ones. Only about one point in a hundred is filled: `filled_fraction` says how much the constraints in space
    must carry.

    Parameters
    ----------
    projections : (t, y, x) array
        Line integrals without background.
    angles_deg : (t,) array
        Tilt angles [deg] in any order; the detector coordinate is ``u = x cos t + z sin t``. Duplicates average.
    iterations : int
        Number of iterations.
    oversampling_ratio : float
        Size of the padded grid over that of the images, rounded up to even [1].
    interpolation_radius_px : float
        How near a grid point must be to a measured plane to be filled from it [px of the padded transform]. With
        gridding "fft" sensible values are 0.5 to 0.7. The default is that of the published series; on a phantom of
        15 tilts 0.2 to 0.3 comes nearer the truth, by far at an oversampling ratio of 2.
    gridding : {"dft", "fft"}
        Evaluate the plane at the foot of the grid point, or scatter the plane's own samples.
    resolution : {"all", "python", "python_extension", "matlab", "matlab_extension"}
        Enforce every measured point always, or extend from coarse to fine over the iterations (``_extension``) and
        then retreat again, by the lists of either original program.
    resolution_circle : bool
        Fill nothing beyond the Nyquist frequency of the images.
    support : (z, y, x) array of bool, optional
        Where the object may be; the volume is zero elsewhere.
    nonnegative : bool
        Set negative voxels to zero.
    withheld_fraction : float
        Share of the measured points of each shell that only `r_free` sees [1].
    rotation_axis_px : float, optional
        Where the tilt axis, parallel to y, falls on the detector [px]; ``(n - 1) / 2`` by default.
    seed : int
        Which points are withheld.
    progress : callable, optional
        Called as ``progress(done, total, error_k=..., r_free=...)``.

    Returns
    -------
    GenfireResult

    Raises
    ------
    WrongShape, TiltCountMismatch, NonFiniteValues, TooFewTilts, EmptyProjection, EmptyMask, AxisOutsideDetector
    InvalidSetting
        Fewer than one iteration, a padded grid smaller than the images, a radius that fills nothing.

    References
    ----------
    Pryor et al., Sci. Rep. 7 (2017) 10409, doi:10.1038/s41598-017-09847-1.
    """
    return genfire_maps(
        [projections],
        angles_deg,
        iterations=iterations,
        oversampling_ratio=oversampling_ratio,
        interpolation_radius_px=interpolation_radius_px,
        gridding=gridding,
        resolution=resolution,
        resolution_circle=resolution_circle,
        support=support,
        nonnegative=nonnegative,
        withheld_fraction=withheld_fraction,
        rotation_axis_px=rotation_axis_px,
        seed=seed,
        progress=progress,
    )[0]


def genfire_maps(
    projections: Sequence[ArrayLike] | NDArray[Any],
    angles_deg: ArrayLike,
    *,
    iterations: int,
    oversampling_ratio: float = 3,
    interpolation_radius_px: float = 0.1,
    gridding: GriddingMethod = "dft",
    resolution: Resolution = "all",
    resolution_circle: bool = True,
    support: ArrayLike | None = None,
    nonnegative: bool = True,
    withheld_fraction: float = 0.05,
    rotation_axis_px: float | None = None,
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
) -> tuple[GenfireResult, ...]:
    """
    Reconstruct several maps of one tilt series together: they share geometry, support and withheld points.

    Parameters
    ----------
    projections : (map, t, y, x) array, or one series (t, y, x) per map
    workers : int
        Threads that take a map each.
    progress : callable, optional
        Called as ``progress(done, total, error_k=..., r_free=...)`` with the largest of all maps.

    Returns
    -------
    results : tuple of GenfireResult
        One per map, each as `genfire` would return it; it describes all other parameters.

    Raises
    ------
    What `genfire` raises, with the number of the map.
    """
    images, angles = checked_maps(projections, angles_deg)
    order = np.argsort(angles, kind="stable")
    images, angles = images[:, order], angles[order]
    if iterations < 1:
        raise InvalidSetting("GENFIRE needs at least one iteration: raise iterations")
    if workers < 1:
        raise InvalidSetting("somebody must do the work: workers is 1 or more")
    switches = cutoff_switches(resolution, iterations)
    n_y, n_x = images.shape[2:]
    inside = checked_mask(support, (n_x, n_y, n_x))
    padded_px, padded_y_px = padded_size(n_x, oversampling_ratio), padded_size(n_y, oversampling_ratio)
    columns = measured_columns(
        angles,
        padded_px=padded_px,
        interpolation_radius_px=interpolation_radius_px,
        method=gridding,
        resolution_circle=resolution_circle,
    )
    refuse_genfire(images.shape, columns=len(columns.kx), padded_y_px=padded_y_px)
    points = fourier_points(
        columns,
        n_x=n_x,
        padded_y_px=padded_y_px,
        resolution_circle=resolution_circle,
        withheld_fraction=withheld_fraction,
        seed=seed,
    )
    transform = column_transform(columns, n_x=n_x, n_y=n_y, padded_y_px=padded_y_px)
    rows = gridded_rows(columns, images, rotation_axis_px=checked_axis(rotation_axis_px, n_x))
    found = enforce(
        [transform.along_y(each.astype(np.complex64)) for each in rows],
        transform,
        points,
        grid_points=padded_px * padded_px * padded_y_px,
        iterations=iterations,
        switches=switches,
        support=None if inside is None else transform.as_slabs(inside),
        nonnegative=nonnegative,
        workers=workers,
        report=progress or silent,
    )
    filled = points.measured_count / (padded_px * padded_px * padded_y_px)
    sums = images.sum(axis=(2, 3), dtype=np.float64)
    spread = _over(sums.std(axis=1), abs(sums.mean(axis=1)))
    return tuple(
        _result(search, transform, filled_fraction=filled, projection_spread=float(each))
        for search, each in zip(found, spread, strict=True)
    )


def _result(
    search: MapSearch, transform: ColumnTransform, *, filled_fraction: float, projection_spread: float
) -> GenfireResult:
    """Collect what was found of one map."""
    differences, norms = np.stack(search.differences), search.errors.norms
    shells = _over(differences, norms)
    totals = _over(differences.sum(axis=2), norms.sum(axis=1))
    is_judged = bool(norms[1].any())
    return GenfireResult(
        volume=transform.as_volume(search.best),
        error_k=totals[:, 0],
        error_k_shells=shells[:, 0],
        r_free=totals[:, 1] if is_judged else None,
        r_free_shells=shells[:, 1] if is_judged else None,
        filled_fraction=filled_fraction,
        best_iteration=search.best_iteration,
        projection_spread=projection_spread,
    )


def _over(sums: NDArray[np.floating[Any]], norms: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Divide sums by norms; where nothing was measured the ratio is not a number."""
    ratios = np.full(sums.shape, np.nan)
    np.divide(sums, norms, out=ratios, where=norms > 0)
    return ratios
