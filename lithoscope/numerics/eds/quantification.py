"""From intensities to composition: k-factors of reference particles, or given ones, and atomic per cent."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import EmptyMask, InvalidSetting, WrongShape
from lithoscope.numerics.eds.errors import ElementMismatch, NoReferenceSignal
from lithoscope.numerics.eds.lines import atomic_masses_g_mol

Float = NDArray[np.float64]
#: Voxels below this part of the median of all atoms inside the mask have no composition (notes 1.5).
FLOOR = 0.05
#: How far smoothing spreads the surface of a particle [px].
SPREAD_PX = 3


@dataclass(frozen=True, slots=True)
class ReferenceComposition:
    """
    What the reference particles are made of.

    Parameters
    ----------
    atoms : mapping of str to float
        Atoms of each element with a map; only their ratios count.
    unseen : mapping of str to float
        Atoms of elements without a map on the same scale; they absorb.
    source : str
        Where the numbers are from.
    """

    atoms: Mapping[str, float]
    unseen: Mapping[str, float]
    source: str


@cache
def reference_compositions() -> dict[str, ReferenceComposition]:
    """Read the table: ``nominal`` (6:1:1:1) and ``icp`` (measured)."""
    text = (resources.files("lithoscope.numerics.eds") / "tables/reference_compositions.toml").read_text("utf-8")
    return {name: ReferenceComposition(**row) for name, row in tomllib.loads(text).items()}


@dataclass(frozen=True, slots=True, eq=False)
class KFactors:
    """
    Atoms for each count, relative to one element.

    Parameters
    ----------
    elements : tuple of str
    values : (f,) array of float64
        1 for the element of reference [1].
    scatter : (f,) array of float64
        Standard deviation between particles, relative [1]; NaN of fewer than two.
    particles : (p, f) array of float64
        The factors of each particle alone [1].
    source : str
        Where they are from.
    covariance : (f, f) array of float64 or None
        Of their relative errors [1]; None if unknown.
    """

    elements: tuple[str, ...]
    values: Float
    scatter: Float
    particles: Float
    source: str
    covariance: Float | None = None


def reference_k_factors(
    sums: ArrayLike, elements: Sequence[str], composition: ReferenceComposition, *, relative_to: str = "O"
) -> KFactors:
    """
    Find k-factors from particles of known composition, as a ratio of sums: large particles weigh more.

    Parameters
    ----------
    sums : (p, f) array
        Intensity inside the mask of each reference particle, see `particle_sums`.
    elements : sequence of str
        Elements of the columns.
    composition : ReferenceComposition
        Of all these particles.
    relative_to : str
        The element whose factor is 1.

    Raises
    ------
    WrongShape, ElementMismatch, NoReferenceSignal
    """
    intensities = np.atleast_2d(np.asarray(sums, np.float64))
    if intensities.ndim != 2 or intensities.shape[1] != len(elements):
        raise WrongShape(f"sums {intensities.shape} for {len(elements)} elements: give (particle, element)")
    if relative_to not in elements or any(element not in composition.atoms for element in elements):
        raise ElementMismatch("an element has no place in the reference composition: leave its map out or add it")
    if not np.isfinite(intensities).all() or not (intensities > 0).all():
        column = int(np.flatnonzero(~(intensities > 0).all(axis=0))[0])
        raise NoReferenceSignal(f"a reference particle has no signal of {elements[column]}: leave the particle out")
    atoms = np.array([composition.atoms[element] for element in elements])
    first = list(elements).index(relative_to)

    def factors(counts: Float) -> Float:
        return np.asarray((atoms / atoms[first]) * (counts[..., first, None] / counts))

    each = factors(intensities)
    values = factors(intensities.sum(axis=0))
    scatter = each.std(axis=0, ddof=1) / values if len(each) > 1 else np.full(len(values), np.nan)
    source = f"{len(each)} reference particle{'s'[: len(each) > 1]}; {composition.source}"
    return KFactors(tuple(elements), values, scatter, each, source, covariance_of_mean(each, values))


def covariance_of_mean(particles: Float, values: Float) -> Float | None:
    """Return how uncertain a mean over particles (p, f) is, relative to it (f, f); None of fewer than two."""
    if len(particles) < 2:
        return None
    return np.asarray(np.cov(particles / values - 1, rowvar=False) / len(particles))


def given_k_factors(
    values: ArrayLike,
    elements: Sequence[str],
    *,
    source: str,
    by_mass: bool = False,
    relative_to: str = "O",
    uncertainty: float | None = None,
) -> KFactors:
    """
    Take k-factors of a microscope or of a standard, as Cliff and Lorimer use them.

    Parameters
    ----------
    values : (f,) array
        Factors on any common scale.
    elements : sequence of str
    source : str
        Where they are from.
    by_mass : bool
        They give mass per count, as printed tables do; else atoms per count.
    relative_to : str
        The element whose factor becomes 1.
    uncertainty : float, optional
        Relative standard uncertainty of each factor but that one's [1]; unknown by default.

    Raises
    ------
    ElementMismatch, InvalidSetting, UnknownLine

    References
    ----------
    Cliff and Lorimer, J. Microsc. 103 (1975) 203, doi:10.1111/j.1365-2818.1975.tb03895.x.
    """
    factors = np.asarray(values, np.float64)
    if factors.shape != (len(elements),) or relative_to not in elements:
        raise ElementMismatch(f"{factors.size} factors for {len(elements)} elements: give one for each")
    if not np.isfinite(factors).all() or not (factors > 0).all():
        raise InvalidSetting("k-factors are above zero: correct them")
    atoms = factors / atomic_masses_g_mol(elements) if by_mass else factors
    first = list(elements).index(relative_to)
    atoms = atoms / atoms[first]
    spread = None if uncertainty is None else uncertainty**2 * np.diag(np.arange(len(atoms)) != first)
    return KFactors(tuple(elements), atoms, np.full(len(atoms), np.nan), atoms[None], source, spread)


def particle_sums(volumes: ArrayLike, mask: ArrayLike) -> Float:
    """
    Add up intensities inside a particle.

    Parameters
    ----------
    volumes : (f, z, y, x) array
    mask : (z, y, x) array of bool

    Returns
    -------
    sums : (f,) array of float64

    Raises
    ------
    WrongShape, EmptyMask
    """
    values, inside = np.asarray(volumes), np.asarray(mask, np.bool_)
    if values.shape[1:] != inside.shape:
        raise WrongShape(f"volumes {values.shape} and mask {inside.shape}: give volumes (f, z, y, x) and their mask")
    if not inside.any():
        raise EmptyMask("the mask of the particle selects no voxel: lower its threshold")
    return np.asarray(values[:, inside].sum(axis=1, dtype=np.float64))


def with_surroundings(mask: ArrayLike) -> NDArray[np.bool_]:
    """
    Return a particle with the voxels around it that smoothing and reconstruction spread its surface to.

    Sums without them miss a part of the surface and none of the core, which is wrong wherever the two differ.

    Parameters
    ----------
    mask : (z, y, x) array of bool
    """
    return np.asarray(ndimage.binary_dilation(np.asarray(mask, np.bool_), iterations=SPREAD_PX))


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """
    Atomic per cent of each element.

    Parameters
    ----------
    elements : tuple of str
    percent : (f, ...) array of float32
        Sums to 100; NaN where not valid [at%].
    valid : (...) array of bool
        Inside the mask, and with enough atoms to tell.
    uncertainty : (f, ...) array of float32 or None
        Standard uncertainty by counting [at%]; for that of the k-factors, common to all voxels, see `k_uncertainty`.
    """

    elements: tuple[str, ...]
    percent: NDArray[np.float32]
    valid: NDArray[np.bool_]
    uncertainty: NDArray[np.float32] | None


def atomic_percent(
    intensities: ArrayLike,
    k_factors: KFactors,
    *,
    mask: ArrayLike | None = None,
    variance: ArrayLike | None = None,
    floor: float = FLOOR,
) -> Composition:
    """
    Turn intensities into atomic per cent: ``C_e = k_e I_e / sum of k_j I_j``.

    Parameters
    ----------
    intensities : (f, ...) array
        Maps or volumes of the elements of the factors, in their order; negative ones count as they are in the sum.
    k_factors : KFactors
    mask : (...) array of bool, optional
        Where the particle is; everywhere by default.
    variance : (f, ...) array, optional
        Variance of the intensities, taken as independent between elements.
    floor : float
        Valid voxels have more atoms than this part of the median inside the mask [1].

    Raises
    ------
    WrongShape, ElementMismatch, EmptyMask
    """
    values = np.asarray(intensities, np.float32)
    if len(values) != len(k_factors.elements):
        raise ElementMismatch(f"{len(values)} maps for {len(k_factors.elements)} k-factors: give one map for each")
    inside = np.ones(values.shape[1:], np.bool_) if mask is None else np.asarray(mask, np.bool_)
    if inside.shape != values.shape[1:]:
        raise WrongShape(f"the mask has shape {inside.shape}, the maps {values.shape[1:]}: give a mask of the maps")
    if not inside.any():
        raise EmptyMask("the mask selects nothing: lower its threshold or leave it out")
    k = k_factors.values.astype(np.float32).reshape(-1, *[1] * inside.ndim)
    atoms = k * values
    total = atoms.sum(axis=0)
    valid = inside & (total > max(floor * float(np.median(total[inside])), 0.0))
    part = np.divide(atoms, total, out=np.full(atoms.shape, np.nan, np.float32), where=valid)
    if variance is None:
        return Composition(k_factors.elements, 100 * part, valid, None)
    noise = k**2 * np.asarray(variance, np.float32)
    spread = (1 - part) ** 2 * noise + part**2 * (noise.sum(axis=0) - noise)
    sigma = np.divide(np.sqrt(spread), total, out=np.full(atoms.shape, np.nan, np.float32), where=valid)
    return Composition(k_factors.elements, 100 * part, valid, 100 * sigma)


def k_uncertainty(percent: ArrayLike, k_factors: KFactors) -> NDArray[np.float32]:
    """
    Return what the uncertainty of k-factors makes of atomic per cent.

    ``dC_e / C_e = dk_e / k_e - sum of C_j dk_j / k_j``, with the covariance of all factors: those of metals relative to
    oxygen share the error of oxygen.

    Parameters
    ----------
    percent : (f, ...) array
        Composition [at%].
    k_factors : KFactors

    Returns
    -------
    uncertainty : (f, ...) array of float32
        Standard uncertainty [at%]; NaN if that of the factors is unknown.
    """
    parts = np.asarray(percent, np.float32) / 100
    if k_factors.covariance is None:
        return np.full(parts.shape, np.nan, np.float32)
    spread = k_factors.covariance.astype(np.float32)
    along = np.tensordot(spread, parts, axes=1)
    own = np.diag(spread).reshape(-1, *[1] * (parts.ndim - 1))
    variance = parts**2 * (own - 2 * along + (parts * along).sum(axis=0))
    return np.asarray(100 * np.sqrt(np.maximum(variance, 0)), np.float32)


def composition_uncertainty(percent: Float, relative_variance: Float) -> Float:
    """
    Return what independent errors of intensities make of a composition.

    Parameters
    ----------
    percent : (f,) array
        Composition [at%].
    relative_variance : (f,) array
        Of the intensities, over their squares [1].

    Returns
    -------
    uncertainty : (f,) array of float64
        Standard uncertainty [at%].
    """
    parts = percent / 100
    spread = (1 - 2 * parts) * relative_variance + (parts**2 * relative_variance).sum()
    return np.asarray(100 * parts * np.sqrt(np.maximum(spread, 0)))
