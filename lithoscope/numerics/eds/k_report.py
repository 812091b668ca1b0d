"""K-factors as tables: found from reference particles, read back where they are used."""

from collections.abc import Sequence
from dataclasses import replace
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
    with_surroundings,
)
from lithoscope.tables import Line, Plot, Table

ELEMENT, FACTOR, UNCERTAINTY, PARTICLE = "element", "k", "k_uncertainty", "particle"
ALONE, MEDIAN = "k_of_particle_", "dark_field_median"


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
    dark_fields: Sequence[ArrayLike] | None = None,
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
    dark_fields : sequence of (z, y, x) array, optional
        Their dark-field volumes, all recorded alike: they tell how bright material of the known density is.
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
    masks = [np.asarray(mask) > 0 for mask in particles]
    sums = [particle_sums(each, with_surroundings(mask)) for each, mask in zip(intensities, masks, strict=True)]
    found = reference_k_factors(sums, elements, reference_compositions()[reference], relative_to=elements[0])
    columns: dict[str, list[Any]] = {PARTICLE: list(range(1, len(sums) + 1))}
    columns |= {element: numbers(found.particles[:, place]) for place, element in enumerate(elements)}
    plot = Plot(PARTICLE, tuple(Line(element, kind="points") for element in elements[1:]), y_title="k-factor")
    single = (
        "one-particle: the k-factors come from a single particle: nothing is known of their scatter, and their "
        "uncertainty is left out of compositions"
    )
    table = k_table(found)
    if dark_fields is not None:
        level = _median(dark_fields, masks)
        table = replace(
            table, columns={**table.columns, MEDIAN: [level] * len(elements)}, units={**table.units, MEDIAN: "1"}
        )
    notes = (f"k-factors: {found.source}", *((single,) if len(sums) == 1 else ()))
    return ReferenceFactors(table, Table(columns, dict.fromkeys(columns, "1"), plot=plot), notes)


def _median(dark_fields: Sequence[ArrayLike], masks: Sequence[NDArray[np.bool_]]) -> float:
    """Return the intensity of the material, as the mean over particles of their median."""
    volumes = [np.asarray(each) for each in dark_fields]
    if len(volumes) != len(masks) or any(
        volume.shape != mask.shape for volume, mask in zip(volumes, masks, strict=False)
    ):
        raise WrongShape("dark_fields: give one volume for each particle, in the same order and of its shape")
    return float(np.mean([np.median(volume[mask]) for volume, mask in zip(volumes, masks, strict=True)]))


def reference_median(table: Table | None) -> float | None:
    """Return how bright the dark field of the reference particles is, if the table of k-factors tells it."""
    known = [] if table is None else table.columns.get(MEDIAN, [])
    return float(known[0]) if known and known[0] is not None else None


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
