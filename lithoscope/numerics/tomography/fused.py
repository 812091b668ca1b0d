"""Elemental volumes from a dark-field series and elemental maps together: a cross-check of direct reconstruction."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, WrongShape, silent
from lithoscope.numerics.common.errors import NegativeCounts
from lithoscope.numerics.tomography.checks import checked_axis, checked_series
from lithoscope.numerics.tomography.errors import EmptyProjection
from lithoscope.numerics.tomography.fused_cost import FusedCost, Volumes
from lithoscope.numerics.tomography.projector import as_rays, back_projection_matrix
from lithoscope.numerics.tomography.total_variation import tv_step

Float = NDArray[np.float32]

#: Weights of the dark-field, elemental and total-variation terms in the published program.
PAPER_WEIGHTS = MappingProxyType({"adf_weight": 10.0, "chemical_weight": 0.05, "tv_weight": 1e-4})
#: A step that raises the cost is halved so often before the iteration is given up.
MOST_HALVINGS = 12
#: Steps grow again by this factor after each success.
GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class FusedResult:
    """
    Volumes that explain a dark-field series and elemental maps at once.

    Parameters
    ----------
    volumes : (e, z, y, x) array of float32
        In units of the elemental series per pixel.
    cost : (k,) array
        After the start and after each iteration; it never rises.
    terms : tuple of float
        Dark-field, elemental and total-variation part of the last cost.
    """

    volumes: Float
    cost: NDArray[np.float64]
    terms: tuple[float, float, float]


def fused_maps(
    adf: ArrayLike,
    adf_angles_deg: ArrayLike,
    chemical: Sequence[ArrayLike],
    chemical_angles_deg: ArrayLike,
    *,
    atomic_numbers: Sequence[int],
    k_factors: Sequence[float] | None = None,
    iterations: int = 50,
    start_iterations: int = 20,
    adf_weight: float = 2.5,
    chemical_weight: float = 0.05,
    tv_weight: float = 0.01,
    exponent: float = 1.6,
    rotation_axis_px: float | None = None,
    progress: Progress | None = None,
) -> FusedResult:
    """
    Reconstruct all elements so that their sum also explains the dark field.

    Each term of the cost stands for something known: the dark field is the projection of the composition to a power,
    weighted by atomic number; the maps are Poisson counts; bodies have surfaces rather than grain. The start is the
    maximum-likelihood volume of each map alone. Steps are divided by the curvature of the cost at each voxel, and the
    total variation is taken in exactly (a proximal step); a step that would raise the cost is shortened. The scale of
    the dark field is fitted along the way, since its unit is arbitrary.

    The dark field is *taken* to be a power of the composition. Where it is not (diffraction contrast, channelling,
    elements without a map) the volumes inherit the error: this checks the direct route, it does not replace it.

    Parameters
    ----------
    adf : (t, y, x) array
        Dark-field series without background.
    adf_angles_deg : (t,) array
        Its tilts [deg]; they may be more than those of the maps.
    chemical : sequence of (s, y, x) arrays
        Map of each element, counts or proportional to them, not negative.
    chemical_angles_deg : (s,) array
        Their tilts [deg].
    atomic_numbers : sequence of int
        Of the elements.
    k_factors : sequence of float, optional
        Atoms per count of each element, up to a common factor; alike by default. They enter the dark field only.
    iterations, start_iterations : int
        Of the joint cost, and of the maximum-likelihood start.
    adf_weight, chemical_weight, tv_weight : float
        Weights of the terms, dark field and maps each scaled to a largest value of 1. The defaults suit maps of some
        hundred counts; `PAPER_WEIGHTS` are those of the published program, under which total variation does next to
        nothing here. A `tv_weight` of 0 leaves it out.
    exponent : float
        Power of the composition in the dark field, 1.4 to 2.
    rotation_axis_px : float, optional
        Where the tilt axis falls on the detector [px].
    progress : callable, optional
        Called as ``progress(done, total, cost=...)``.

    Returns
    -------
    result : FusedResult

    Raises
    ------
    WrongShape, NegativeCounts, InvalidSetting, and what `sirt` raises for a series

    References
    ----------
    Schwartz et al., Nat. Commun. 15 (2024) 3555, doi:10.1038/s41467-024-47558-0; Beck and Teboulle, IEEE Trans. Image
    Process. 18 (2009) 2419, doi:10.1109/TIP.2009.2028250 (total variation).
    """
    _check_settings(iterations, start_iterations, (adf_weight, chemical_weight, tv_weight), exponent)
    images, angles = checked_series(adf, adf_angles_deg)
    maps = [checked_series(each, chemical_angles_deg) for each in chemical]
    _check_maps(images, [each for each, _ in maps], atomic_numbers, k_factors)
    n_y, n_x = images.shape[1:]
    axis = checked_axis(rotation_axis_px, n_x)
    atoms = np.ones(len(maps)) if k_factors is None else np.asarray(k_factors, np.float64)
    largest = max(float(factor * each.max()) for factor, (each, _) in zip(atoms, maps, strict=True))
    scales = (largest / atoms).astype(np.float32)
    cost = FusedCost(
        back_projection_matrix(angles, n_x=n_x, rotation_axis_px=axis),
        back_projection_matrix(maps[0][1], n_x=n_x, rotation_axis_px=axis),
        as_rays(images / images.max()),
        np.stack([as_rays(each / scale) for (each, _), scale in zip(maps, scales, strict=True)], axis=1),
        weights=(adf_weight, chemical_weight, tv_weight),
        shares=np.asarray(np.asarray(atomic_numbers) / sum(atomic_numbers), np.float32),
        exponent=exponent,
    )
    volumes = cost.likeliest(start_iterations)
    volumes, trace = _descend(cost, volumes, iterations, progress or silent)
    in_counts = volumes.reshape(n_x, n_x, len(maps), n_y).transpose(2, 0, 3, 1) * scales[:, None, None, None]
    return FusedResult(np.ascontiguousarray(in_counts), np.array(trace), cost.terms(volumes))


def _descend(cost: FusedCost, volumes: Volumes, iterations: int, report: Progress) -> tuple[Volumes, list[float]]:
    """Lower the cost step by step; return the volumes and the cost after each step."""
    cost.fit_scale(volumes)
    trace = [sum(cost.terms(volumes))]
    step, field = 1.0, None
    for iteration in range(1, iterations + 1):
        gradient, curvature = cost.slope(volumes)
        for _ in range(MOST_HALVINGS):
            trial, reached = tv_step(
                volumes - step * gradient / curvature,
                curvature / step,
                weight=cost.tv_weight,
                edge=cost.edge,
                field=field,
            )
            value = sum(cost.terms(trial))
            if value <= trace[-1]:
                break
            step /= 2
        else:
            break  # no step lowers it any more
        volumes, field, step = trial, reached, min(GROWTH * step, 2.0)
        cost.fit_scale(volumes)
        trace.append(min(sum(cost.terms(volumes)), value))
        if not report(iteration, iterations, cost=trace[-1]):
            break
    return volumes, trace


def _check_settings(iterations: int, start: int, weights: tuple[float, float, float], exponent: float) -> None:
    """Refuse settings without a meaning."""
    if iterations < 0 or start < 1:
        raise InvalidSetting("the start needs at least one iteration: raise start_iterations")
    if min(weights) < 0 or not weights[1] > 0:
        raise InvalidSetting("weights are not negative, and that of the maps is above zero: correct them")
    if not 1 <= exponent <= 2:
        raise InvalidSetting("the dark field rises with a power of 1 to 2 of the composition: correct the exponent")


def _check_maps(
    images: Float, maps: Sequence[Float], atomic_numbers: Sequence[int], k_factors: Sequence[float] | None
) -> None:
    """Refuse maps that do not fit the dark field."""
    if not maps or len(maps) != len(atomic_numbers) or min(atomic_numbers) < 1:
        raise WrongShape("give one or more elemental series and an atomic number for each")
    if k_factors is not None and (len(k_factors) != len(maps) or min(k_factors) <= 0):
        raise InvalidSetting("give a k-factor above zero for each element, or none")
    if images.max() <= 0:
        raise EmptyProjection("the dark field is nowhere above zero: take the background off that it has, no more")
    if any(each.shape[1:] != images.shape[1:] for each in maps):
        raise WrongShape("dark-field and elemental images differ in size: bin or crop them alike")
    if any(each.min() < 0 for each in maps):
        raise NegativeCounts("elemental series hold negative counts: give counts before background is taken off")
