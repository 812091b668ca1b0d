"""From maps of a tilt series to volumes of atomic per cent: level, absorption, smoothing, reconstruction, k-factors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting, Progress, WrongShape, silent
from lithoscope.numerics.eds.lines import line_family
from lithoscope.numerics.eds.normalisation import LEAST_COUNTS, TiltFactors, normalised_maps, tilt_factors
from lithoscope.numerics.eds.quantification import (
    FLOOR,
    Composition,
    KFactors,
    ReferenceComposition,
    atomic_percent,
    composition_uncertainty,
    particle_sums,
    reference_k_factors,
    with_surroundings,
)
from lithoscope.numerics.eds.self_absorption import Absorber, ray_transmission
from lithoscope.numerics.eds.smoothing import PAPER_SIGMA_PX, smooth_maps

Maps = NDArray[np.float32]
#: Voxels across the cube over which variances of replicates are averaged.
NEIGHBOURHOOD = 3
Float = NDArray[np.float64]
#: Makes volumes (f, z, y, x) of maps (f, t, y, x) and angles (t,).
Engine = Callable[[Maps, Float], Maps]


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """
    What is done to maps before they are reconstructed.

    Parameters
    ----------
    sigma_px : float
        Gaussian in the image plane, after the tilts have one level [px].
    masks : (t, y, x) array of bool, optional
        Masks of the aligned dark-field series.
    normalise : bool
        Bring all tilts to one level.
    least_counts : float
        See `tilt_factors` [counts].
    excluded : (t,) array of bool, optional
        Tilts that are not used.
    """

    sigma_px: float = PAPER_SIGMA_PX
    masks: NDArray[np.bool_] | None = None
    normalise: bool = True
    least_counts: float = LEAST_COUNTS
    excluded: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ElementVolumes:
    """
    Composition of a particle with all that led to it.

    Parameters
    ----------
    composition : Composition
        Atomic per cent, its valid voxels and its uncertainty.
    intensities : (f, z, y, x) array of float32
        Reconstructed intensities [counts per voxel].
    k_factors : KFactors
    tilt_factors : TiltFactors or None
        None if the tilts were not brought to one level.
    transmission : (f, t, y, x) array of float32 or None
        Which part of the X-rays left the particle [1]; None without correction.
    mean : (f,) array of float64
        Composition of all atoms of the particle together [at%].
    changes_at_percent : (iteration,) array of float64
        Root mean square change of composition by each correction of absorption [at%].
    mean_uncertainty : (f,) array of float64 or None
        Standard uncertainty of `mean` by counting [at%].
    """

    composition: Composition
    intensities: Maps
    k_factors: KFactors
    tilt_factors: TiltFactors | None
    transmission: Maps | None
    mean: Float
    changes_at_percent: Float = field(default_factory=lambda: np.empty(0))
    mean_uncertainty: Float | None = None


def each_map(reconstruct: Callable[..., ArrayLike], **settings: object) -> Engine:
    """
    Make an engine of a function that reconstructs one series, such as `sirt`.

    Parameters
    ----------
    reconstruct : callable
        ``reconstruct(projections, angles_deg, **settings)`` returns a volume.
    **settings
        Its settings.
    """

    def engine(maps: Maps, angles_deg: Float) -> Maps:
        return np.stack([np.asarray(reconstruct(one, angles_deg, **settings), np.float32) for one in maps])

    return engine


def reconstruct_composition(
    maps: ArrayLike,
    angles_deg: ArrayLike,
    *,
    families: Sequence[str],
    mask: ArrayLike,
    engine: Engine,
    k_factors: KFactors | ReferenceComposition,
    sums: ArrayLike | None = None,
    preparation: Preparation = Preparation(),
    absorber: Absorber | None = None,
    absorption_iterations: int = 3,
    variance: ArrayLike | None = None,
    replicates: int = 0,
    seed: int = 0,
    floor: float = FLOOR,
    progress: Progress | None = None,
) -> ElementVolumes:
    """
    Reconstruct the composition of one particle from the maps of its families of lines.

    With an absorber, the composition found tells how much of its X-rays the particle kept along each ray; the maps are
    divided by that and reconstructed again.

    Parameters
    ----------
    maps : (f, t, y, x) array
        Aligned photons of each family, not yet brought to one level [counts].
    angles_deg : (t,) array
        Tilt angles [deg].
    families : sequence of str
        One family for each element.
    mask : (z, y, x) array of bool
        The particle in the dark-field volume.
    engine : callable
        See `Engine` and `each_map`.
    k_factors : KFactors or ReferenceComposition
        Factors, or the composition of this particle if it is a reference, from which they follow.
    sums : (f, t) array, optional
        Photons of each tilt if better known than from `maps`, see `LineMaps.sums`.
    preparation : Preparation
    absorber : Absorber, optional
        The particle as an absorber; without it nothing is corrected.
    absorption_iterations : int
        How often absorption is computed from the composition.
    variance : (f, t, y, x) array, optional
        Variance of `maps`, for the uncertainty of each voxel.
    replicates : int
        Series with noise of that variance added that are reconstructed for the uncertainty; none, or at least 2.
    seed : int
        Of their noise.
    floor : float
        See `atomic_percent` [1].
    progress : callable, optional
        Called as ``progress(done, total)`` after each reconstruction of all maps; an early finish keeps the composition
        found so far.

    Raises
    ------
    WrongShape, EmptyTilt, EmptyMask, ElementMismatch, NoReferenceSignal, UnknownLine
    InvalidSetting
        One replicate, replicates without variance, or a variance below zero.
    """
    values, angles = np.asarray(maps, np.float32), np.asarray(angles_deg, np.float64)
    if values.ndim != 4 or values.shape[:2] != (len(families), len(angles)):
        raise WrongShape(f"maps {values.shape} for {len(families)} families, {len(angles)} tilts: give (f, t, y, x)")
    if replicates == 1 or (replicates > 1 and variance is None):
        raise InvalidSetting("an uncertainty needs the variance of the maps and at least two replicates")
    if variance is not None and (np.asarray(variance) < 0).any():
        raise InvalidSetting("a variance of the maps is below zero: give that of the fit, moved as a variance")
    chain = _Chain(tuple(families), angles, engine, preparation, np.asarray(mask, np.bool_), k_factors, floor)
    total = values.sum(axis=(2, 3), dtype=np.float64) if sums is None else np.asarray(sums, np.float64)
    rounds = absorption_iterations if absorber is not None else 0
    report, steps = progress or silent, 1 + rounds + replicates
    found, going_on = chain.run(values, total, None), True
    going_on = report(1, steps)
    changes: list[float] = []
    for done in range(rounds):
        if not going_on or absorber is None:
            break
        before = found.composition
        passed = ray_transmission(before.percent / 100, families, angles, absorber=absorber)
        found = chain.run(values, total, passed)
        changes.append(_change(before, found.composition))
        going_on = report(2 + done, steps, change_at_percent=changes[-1])
    found = replace(found, changes_at_percent=np.array(changes), mean_uncertainty=_of_mean(found.mean, total, variance))
    if not (replicates and variance is not None and going_on):
        return found
    step = count(2 + rounds)
    scatter = _scatter(chain, found, _noisy(values, variance, replicates, seed), lambda: report(next(step), steps))
    return replace(found, composition=replace(found.composition, uncertainty=scatter))


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """The steps that every round of absorption and every replicate goes through."""

    families: tuple[str, ...]
    angles: Float
    engine: Engine
    preparation: Preparation
    mask: NDArray[np.bool_]
    k_factors: KFactors | ReferenceComposition
    floor: float

    def run(self, values: Maps, sums: Float, passed: Maps | None) -> ElementVolumes:
        """Go from maps to composition; divide them by what left the particle, if that is known."""
        freed, total = values, sums
        if passed is not None:
            freed = values / passed
            before = values.sum(axis=(2, 3), dtype=np.float64)
            gain = np.divide(
                freed.sum(axis=(2, 3), dtype=np.float64), before, out=np.ones(before.shape), where=before != 0
            )
            total = sums * gain
        level = None
        if self.preparation.normalise:
            level = tilt_factors(
                total,
                angles_deg=self.angles,
                excluded=self.preparation.excluded,
                least_counts=self.preparation.least_counts,
            )
            freed = normalised_maps(freed, level.factors)
        volumes = self.volumes(freed)
        factors = self.factors(volumes)
        composition = atomic_percent(volumes, factors, mask=self.mask, floor=self.floor)
        mean = mean_percent(volumes, factors, with_surroundings(self.mask))
        return ElementVolumes(composition, volumes, factors, level, passed, mean)

    def volumes(self, freed: Maps) -> Maps:
        """Smooth and mask the tilts that are used, and reconstruct them."""
        chosen = self.preparation
        used = (
            np.ones(len(self.angles), np.bool_) if chosen.excluded is None else ~np.asarray(chosen.excluded, np.bool_)
        )
        masks = None if chosen.masks is None else np.asarray(chosen.masks, np.bool_)[used]
        smooth = smooth_maps(freed[:, used], sigma_px=chosen.sigma_px, masks=masks)
        return np.asarray(self.engine(smooth.maps, self.angles[used]), np.float32)

    def factors(self, volumes: Maps) -> KFactors:
        """Return the given k-factors, or those that make this particle the reference."""
        if isinstance(self.k_factors, KFactors):
            return self.k_factors
        elements = [line_family(name).element for name in self.families]
        return reference_k_factors(
            particle_sums(volumes, with_surroundings(self.mask)), elements, self.k_factors, relative_to=elements[0]
        )


def _noisy(values: Maps, variance: ArrayLike, replicates: int, seed: int) -> Iterator[Maps]:
    """Give the maps with noise of their own variance added, again and again."""
    rng, sigma = np.random.default_rng(seed), np.sqrt(np.maximum(np.asarray(variance, np.float32), 0))
    for _ in range(replicates):
        yield (values + sigma * rng.standard_normal(values.shape, np.float32)).astype(np.float32, copy=False)


def _change(before: Composition, after: Composition) -> float:
    both = before.valid & after.valid
    return float(np.sqrt(np.mean((after.percent[:, both] - before.percent[:, both]) ** 2))) if both.any() else 0.0


def _scatter(chain: _Chain, found: ElementVolumes, noisy: Iterator[Maps], going_on: Callable[[], bool]) -> Maps | None:
    """
    Return how much composition scatters over reconstructions of series with noise added [at%].

    Tilt factors, absorption and k-factors stay those of the particle: their errors are common to its voxels.
    """
    level = np.ones(len(chain.angles)) if found.tilt_factors is None else found.tilt_factors.factors
    passed = np.float32(1) if found.transmission is None else found.transmission
    total, squares = np.zeros_like(found.intensities), np.zeros_like(found.intensities)
    series = 0
    for maps in noisy:
        volumes = chain.volumes(normalised_maps(maps / passed, level))
        percent = atomic_percent(volumes, found.k_factors, mask=chain.mask, floor=chain.floor).percent
        departure = percent - found.composition.percent
        total, squares = total + departure, squares + departure**2
        series += 1
        if not going_on():
            break
    if series < 2:
        return None
    return _pooled(np.asarray(np.maximum(squares - total**2 / series, 0) / (series - 1), np.float32))


def _pooled(variance: Maps) -> Maps:
    """Average variances with those of neighbours, since few replicates tell that of a voxel badly; take the root."""
    known = np.isfinite(variance[0])
    weight = ndimage.uniform_filter(known.astype(np.float32), NEIGHBOURHOOD)
    sums = [ndimage.uniform_filter(np.where(known, each, np.float32(0)), NEIGHBOURHOOD) for each in variance]
    return np.asarray(np.sqrt(np.divide(sums, weight, out=np.full_like(variance, np.nan), where=known)))


def _of_mean(percent: Float, sums: Float, variance: ArrayLike | None) -> Float | None:
    """Return what counting leaves open of the mean composition (f,) [at%]; None if variances are unknown."""
    if variance is None:
        return None
    counted = np.asarray(variance, np.float64).sum(axis=(1, 2, 3)) / sums.sum(axis=1) ** 2
    return composition_uncertainty(percent, counted)


def mean_percent(volumes: ArrayLike, k_factors: KFactors, mask: ArrayLike) -> Float:
    """Return the composition of all atoms inside a mask together (f,) [at%]."""
    atoms = k_factors.values * particle_sums(volumes, mask)
    return np.asarray(100 * atoms / atoms.sum())
