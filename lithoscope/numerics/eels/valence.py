"""Shares of valence states: spectra as sums of fixed references, and their fractions of atoms."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, Progress, WrongShape, silent
from lithoscope.numerics.common.errors import NonFiniteValues
from lithoscope.numerics.eels.errors import ChannelMismatch, DependentReferences, TooManyReferences

Float = NDArray[np.float64]
MOST_REFERENCES = 8
#: References whose correlation matrix has so small an eigenvalue cannot be told apart in single precision.
SMALLEST_EIGENVALUE = 1e-9
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Weights:
    """
    How much of each reference a pixel holds.

    Parameters
    ----------
    weights : (v, ...) array of float64
        Not negative; NaN for pixels with NaN.
    invalid_count : int
        Pixels left NaN.
    iterations : int
        Steps taken, 0 for a direct solution.
    """

    weights: Float
    invalid_count: int
    iterations: int = 0


def nonnegative_weights(spectra: ArrayLike, references: ArrayLike) -> Weights:
    """
    Fit each spectrum by a non-negative sum of references, exactly.

    With few references every set of active ones can be solved for all pixels at once; the best set whose weights are
    not negative is the non-negative least-squares solution. Negative channels are kept: clipping noise would bias.

    Parameters
    ----------
    spectra : (..., e) array
        Background-free spectra within the window of the fit.
    references : (v, e) array
        Rows of the same channels, each on any scale.

    Raises
    ------
    ChannelMismatch, NonFiniteValues, TooManyReferences, DependentReferences
    """
    values, rows, known = _checked(spectra, references)
    size = np.linalg.norm(rows, axis=1)
    unit = rows / size[:, None]
    along = values[known].astype(np.float64) @ unit.T
    best, found = np.zeros(len(along)), np.zeros(along.shape)
    for count in range(1, len(unit) + 1):
        for active in map(list, combinations(range(len(unit)), count)):
            inverse = np.linalg.inv(unit[active] @ unit[active].T)
            solved = along[:, active] @ inverse
            gain = (solved * along[:, active]).sum(axis=1)
            better = (solved >= 0).all(axis=1) & (gain > best)
            best[better] = gain[better]
            found[better] = 0
            found[np.ix_(better, active)] = solved[better]
    return _filled(found / size, known, np.shape(spectra)[:-1], 0)


def multiplicative_weights(
    spectra: ArrayLike,
    references: ArrayLike,
    *,
    tolerance: float = 1e-6,
    iterations: int = 20_000,
    progress: Progress | None = None,
) -> Weights:
    """
    Fit each spectrum by multiplicative updates of non-negative matrix factorisation with fixed references.

    ``W <- W (X H^T) / (W H H^T)`` from an even start; products with H are formed once, so a step costs the same for
    any number of channels. It tends to the solution of `nonnegative_weights` for spectra clipped at zero, slowly where
    references are alike: the published stop (a change of 1e-4, 500 steps) leaves Mn fractions up to a few hundredths
    away.

    Parameters
    ----------
    spectra : (..., e) array
        Background-free spectra; negative channels are clipped to zero.
    references : (v, e) array
        Rows of the same channels, not negative after clipping.
    tolerance : float
        Stop when no weight changes by more than this part of its pixel's sum in ten steps [1].
    iterations : int
        Most steps.
    progress : callable, optional
        Called as ``progress(done, total, change=...)`` every ten steps.

    Raises
    ------
    ChannelMismatch, NonFiniteValues, TooManyReferences, DependentReferences, InvalidSetting

    References
    ----------
    Lee and Seung, Nature 401 (1999) 788, doi:10.1038/44565.
    """
    if iterations < 1 or tolerance <= 0:
        raise InvalidSetting("give at least one step and a tolerance above zero")
    values, rows, known = _checked(spectra, references)
    rows = np.maximum(rows, 0)
    size = np.linalg.norm(rows, axis=1)
    unit = rows / size[:, None]
    along = np.maximum(values[known], 0).astype(np.float64) @ unit.T
    gram, report = unit @ unit.T, progress or silent
    found = np.full(along.shape, 1.0) * along.mean(axis=1, keepdims=True)
    step, moving = 0, np.flatnonzero(along.sum(axis=1) > 0)
    while step < iterations and moving.size:
        block = found[moving]
        for _ in range(min(10, iterations - step)):
            before = block
            block = block * along[moving] / (block @ gram + _ROUNDING)
            step += 1
        found[moving] = block
        change = 10 * np.abs(block - before).max(axis=1) / np.maximum(block.sum(axis=1), _ROUNDING)
        moving = moving[change > tolerance]
        if not report(step, iterations, change=float(change.max())):
            break
    return _filled(found / size, known, np.shape(spectra)[:-1], step)


def _checked(spectra: ArrayLike, references: ArrayLike) -> tuple[NDArray[np.floating], Float, NDArray[np.bool_]]:
    values, rows = np.asarray(spectra), np.asarray(references, np.float64)
    if rows.ndim != 2 or values.ndim < 1 or values.shape[-1] != rows.shape[1]:
        raise ChannelMismatch(f"spectra {values.shape} and references {rows.shape} do not share their channels")
    if not np.isfinite(rows).all() or not rows.any(axis=1).all():
        raise NonFiniteValues("a reference is empty or holds NaN within the window of the fit: move the window")
    if len(rows) > MOST_REFERENCES:
        raise TooManyReferences(f"{len(rows)} references were given: fit at most {MOST_REFERENCES} at once")
    unit = rows / np.linalg.norm(rows, axis=1)[:, None]
    if np.linalg.eigvalsh(unit @ unit.T)[0] < SMALLEST_EIGENVALUE:
        raise DependentReferences("two references are the same, or one is a mixture of others: leave one out")
    flat = values.reshape(-1, values.shape[-1])
    return flat, rows, np.isfinite(flat).all(axis=1)


def _filled(found: Float, known: NDArray[np.bool_], shape: tuple[int, ...], steps: int) -> Weights:
    weights = np.full((known.size, found.shape[1]), np.nan)
    weights[known] = found
    return Weights(np.moveaxis(weights, 1, 0).reshape(-1, *shape), int((~known).sum()), steps)


@dataclass(frozen=True, slots=True)
class Fractions:
    """
    Fractions of an element's atoms in each valence state.

    Parameters
    ----------
    fractions : (v, ...) array of float64
        Sum to 1; NaN where the element is too thin to tell.
    uncertainty : (v, ...) array of float64 or None
        Standard uncertainty, if that of the weights was given.
    mean_valence : (...) array of float64 or None
        If the valence of each state was given.
    undefined_count : int
        Pixels or voxels left NaN.
    """

    fractions: Float
    uncertainty: Float | None
    mean_valence: Float | None
    undefined_count: int


def valence_fractions(
    weights: ArrayLike,
    *,
    atoms_per_weight: ArrayLike,
    floor: float = 0.0,
    covariance: ArrayLike | None = None,
    valences: ArrayLike | None = None,
) -> Fractions:
    """
    Turn weights of references into fractions of atoms.

    Parameters
    ----------
    weights : (v, ...) array
        Weights of maps or volumes.
    atoms_per_weight : (v,) array
        White lines per 3d hole of each reference: see `lithoscope.numerics.eels.references.atoms_per_weight`.
    floor : float
        Fractions are undefined where the atoms sum to no more than this, in units of white line per hole.
    covariance : (v, v, ...) array, optional
        Covariance of the weights.
    valences : (v,) array, optional
        Charge of each state, for the mean valence.

    Raises
    ------
    WrongShape, InvalidSetting
    """
    values, factors = np.asarray(weights, np.float64), np.asarray(atoms_per_weight, np.float64)
    if factors.shape != values.shape[:1]:
        raise WrongShape("give one factor for each map of weights")
    if floor < 0 or not (factors > 0).all():
        raise InvalidSetting("factors must be above zero and the floor not below it")
    column = (-1, *([1] * (values.ndim - 1)))
    atoms = values * factors.reshape(column)
    total = atoms.sum(axis=0)
    known = total > floor
    total = np.where(known, total, np.nan)
    fractions = atoms / total
    charges = None if valences is None else np.asarray(valences, np.float64).reshape(column)
    mean = None if charges is None else (fractions * charges).sum(axis=0)
    spread = None
    if covariance is not None:
        of_atoms = np.asarray(covariance, np.float64) * np.multiply.outer(factors, factors).reshape(
            len(factors), *column
        )
        jacobian = (np.eye(len(factors)).reshape(len(factors), *column) - fractions[:, None]) / total
        spread = np.sqrt(np.maximum(np.einsum("ij...,jk...,ik...->i...", jacobian, of_atoms, jacobian), 0))
    return Fractions(fractions, spread, mean, int((~known).sum()))
