"""K-factors as tables: found from reference particles, read back where they are used."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import WrongShape
from lithoscope.numerics.eds.errors import ElementMismatch
from lithoscope.numerics.eds.fit_tables import numbers
from lithoscope.numerics.eds.quantification import (
    KFactors,
    covariance_of_mean,
    particle_sums,
    reference_compositions,
    reference_k_factors,
)
from lithoscope.tables import Line, Plot, Table

ELEMENT, FACTOR, UNCERTAINTY, PARTICLE = "element", "k", "k_uncertainty", "particle"
ALONE = "k_of_particle_"


class ReferenceFactors(NamedTuple):
    """
    K-factors of reference particles.

    Attributes
    ----------
    k_factors : Table
        Factor of each element, its scatter between particles, its uncertainty, and that of each particle alone.
    particles_alone : Table
        The factors particle by particle.
    notes : tuple of str
    """

    k_factors: Table
    particles_alone: Table
    notes: tuple[str, ...]


def reference_factors(
    intensities: Sequence[ArrayLike],
    particles: Sequence[ArrayLike],
    *,
    intensities_names: Sequence[Sequence[str]],
    reference: str,
) -> ReferenceFactors:
    """
    Average k-factors over reference particles as a ratio of sums.

    Parameters
    ----------
    intensities : sequence of (c, z, y, x) array
        Reconstructed intensities of each particle, corrected for absorption or not as those they will be used for.
    particles : sequence of (z, y, x) array
        Its particle, above zero inside, in the same order.
    intensities_names : sequence of sequence of str
        Families of the maps.
    reference : {"nominal", "icp"}
        What the particles are made of, see `reference_compositions`.

    Raises
    ------
    WrongShape, ElementMismatch, EmptyMask, NoReferenceSignal
    """
    if len(intensities) != len(particles):
        raise WrongShape(
            f"{len(intensities)} intensities for {len(particles)} particles: give one particle for each, in one order"
        )
    elements = [name.partition(" ")[0] for name in intensities_names[0]]
    for number, names in enumerate(intensities_names, start=1):
        if [name.partition(" ")[0] for name in names] != elements:
            raise ElementMismatch(f"intensities {number} have maps of other elements than the first: fit all alike")
    sums = [particle_sums(volumes, np.asarray(mask) > 0) for volumes, mask in zip(intensities, particles, strict=True)]
    found = reference_k_factors(sums, elements, reference_compositions()[reference], relative_to=elements[0])
    columns: dict[str, list[Any]] = {PARTICLE: list(range(1, len(sums) + 1))}
    columns |= {element: numbers(found.particles[:, place]) for place, element in enumerate(elements)}
    plot = Plot(PARTICLE, tuple(Line(element, kind="points") for element in elements[1:]), y_title="k-factor")
    single = (
        "one-particle: the k-factors come from a single particle: nothing is known of their scatter, and their "
        "uncertainty is left out of compositions"
    )
    notes = (f"k-factors: {found.source}", *((single,) if len(sums) == 1 else ()))
    return ReferenceFactors(k_table(found), Table(columns, dict.fromkeys(columns, "1"), plot=plot), notes)


def k_table(factors: KFactors) -> Table:
    """Tabulate k-factors with the factors of each particle, which tell how their errors belong together."""
    spread = factors.covariance
    uncertain = np.full(len(factors.values), np.nan) if spread is None else np.sqrt(np.diag(spread))
    columns: dict[str, list[Any]] = {
        ELEMENT: list(factors.elements),
        FACTOR: numbers(factors.values),
        UNCERTAINTY: numbers(uncertain * factors.values),
        "k_scatter": numbers(factors.scatter * factors.values),
    }
    if len(factors.particles) > 1:
        columns |= {f"{ALONE}{number}": numbers(row) for number, row in enumerate(factors.particles, start=1)}
    return Table(columns, dict.fromkeys(columns, "1"))


def k_factors_of(table: Table, elements: Sequence[str]) -> KFactors:
    """
    Read k-factors back from a table.

    Parameters
    ----------
    table : Table
        As `k_table` writes it; it may hold more elements.
    elements : sequence of str
        Those that are wanted, in that order; the first becomes the element of reference.

    Raises
    ------
    ElementMismatch
    """
    if missing := [name for name in (ELEMENT, FACTOR) if name not in table.columns]:
        raise ElementMismatch(f"k_factors: the table has no column {missing[0]}: give k-factors of reference particles")
    known = {str(element): row for row, element in enumerate(table.columns[ELEMENT])}
    if missing := [element for element in elements if element not in known]:
        raise ElementMismatch(f"k_factors: the table has no factor of {missing[0]}: leave its map out or add it")
    rows = [known[element] for element in elements]
    names = [FACTOR, *(name for name in table.columns if name.startswith(ALONE))]
    values = np.array([[table.columns[name][row] for row in rows] for name in names], np.float64)
    if not (values > 0).all():
        raise ElementMismatch("k_factors: a factor of the table is empty or not above zero: find them again")
    mean, *alone = values / values[:, :1]
    each = np.array(alone) if alone else mean[None]
    scatter = each.std(axis=0, ddof=1) / mean if len(each) > 1 else np.full(len(mean), np.nan)
    source = f"table of k-factors of {len(each)} reference particles" if alone else "table of k-factors"
    spread = covariance_of_mean(each, mean) if alone else _told_covariance(table, rows, values[0])
    return KFactors(tuple(elements), mean, scatter, each, source, spread)


def _told_covariance(table: Table, rows: Sequence[int], factors: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the covariance of relative errors that a table tells by one uncertainty for each factor, if it does."""
    told = table.columns.get(UNCERTAINTY)
    if told is None or any(told[row] is None for row in rows):
        return None
    return np.asarray(np.diag((np.array([told[row] for row in rows], np.float64) / factors) ** 2))
