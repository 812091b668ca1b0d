"""Volumes of atomic per cent with their uncertainty, and tables of all that led to them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import EmptyMask, Progress, WrongShape
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eds.composition_settings import CompositionSettings
from lithoscope.numerics.eds.composition_tables import (
    absorption_table,
    elements_table,
    sums_of,
    tilt_factors_table,
)
from lithoscope.numerics.eds.errors import ElementMismatch
from lithoscope.numerics.eds.k_report import k_table, reference_median
from lithoscope.numerics.eds.lines import line_family
from lithoscope.numerics.eds.named import families_in
from lithoscope.numerics.eds.quantification import (
    KFactors,
    k_uncertainty,
)
from lithoscope.numerics.eds.tomography import ElementVolumes, reconstruct_composition
from lithoscope.tables import Table
from lithoscope.units import Quantity

#: A composition that still changes by more than this in the last round of absorption is told [at%].
SETTLED_AT_PERCENT = 0.1


class CompositionVolumes(NamedTuple):
    """
    The composition of one particle.

    Attributes
    ----------
    composition, uncertainty : (c, z, y, x) LabelledArray
        [at%]; NaN where not valid.
    valid : (z, y, x) array of uint8
        1 where there is a composition.
    intensities : (c, z, y, x) LabelledArray
        What k-factors of reference particles are found from.
    elements : Table
        Mean composition of the particle.
    k_factors : Table
    tilt_factors : Table or None
        By what each tilt was multiplied.
    absorption : Table or None
        Which part of the X-rays left the particle.
    last_change : Quantity
        Of composition by the last round of absorption [at%].
    notes : tuple of str
    """

    composition: LabelledArray
    uncertainty: LabelledArray | None
    valid: NDArray[np.uint8]
    intensities: LabelledArray
    elements: Table
    k_factors: Table
    tilt_factors: Table | None
    absorption: Table | None
    last_change: Quantity
    notes: tuple[str, ...]


@with_settings(CompositionSettings)
def composition_volumes(
    maps: ArrayLike,
    particle: ArrayLike,
    dark_field: ArrayLike | None = None,
    *,
    variance: ArrayLike | None = None,
    sums: Table | None = None,
    masks: ArrayLike | None = None,
    k_factors: Table | None = None,
    maps_names: tuple[str, ...],
    angles_deg: ArrayLike,
    pixel_size_nm: float,
    seed: int,
    cycles: int | None = None,
    settings: CompositionSettings,
    progress: Progress | None = None,
) -> CompositionVolumes:
    """
    Reconstruct the composition of a particle as `reconstruct_composition` does, which says what is refused.

    Parameters
    ----------
    maps : (c, t, y, x) array
        Aligned photons of each family, named by it [counts].
    particle : (z, y, x) array
        Above zero in the particle.
    dark_field : (z, y, x) array, optional
        Its density in any unit; even by default.
    variance : (c, t, y, x) array, optional
        Of the maps; no uncertainty without it.
    sums : Table, optional
        Photons of each tilt, as `sums_table` writes them.
    masks : (t, y, x) array, optional
        Kept pixels of the aligned maps, above zero.
    k_factors : Table, optional
        As `k_table` writes it.
    cycles : int, optional
        Charge-discharge cycles the particle went through: a cycled one is no reference for itself, and is told so.
    settings : CompositionSettings
        Given field by field.

    Returns
    -------
    CompositionVolumes
    """
    values, angles = np.asarray(maps, np.float32), np.asarray(angles_deg, np.float64)
    families, elements = families_of_maps(maps_names)
    mask = _checked_particle(particle, values)
    found = reconstruct_composition(
        values,
        angles,
        families=families,
        mask=mask,
        engine=settings.reconstruction(mask, seed),
        k_factors=settings.of(elements, k_factors),
        sums=None if sums is None else sums_of(sums, families, angles),
        preparation=settings.preparation(len(angles), masks),
        absorber=settings.absorber(dark_field, mask, pixel_size_nm, k_factors),
        absorption_iterations=settings.absorption_iterations,
        variance=variance,
        replicates=settings.replicates if variance is not None else 0,
        seed=seed,
        floor=settings.floor,
        progress=progress,
    )
    doubts = (
        *_origin(found.k_factors, is_own=k_factors is None and settings.reference != "given", cycles=cycles),
        *_notes(found, settings, table=k_factors, is_even=dark_field is None, voxels=int(mask.sum())),
    )
    return _written(found, values, families=families, angles=angles, notes=doubts)


def _written(
    found: ElementVolumes, maps: NDArray[np.float32], *, families: tuple[str, ...], angles: Any, notes: tuple[str, ...]
) -> CompositionVolumes:
    """Give volumes their names, and write the rest as tables."""
    composition, names = found.composition, {"c": found.composition.elements}
    common = _of_factors(composition.percent, found.k_factors)
    uncertainty = None
    if composition.uncertainty is not None:
        uncertainty = LabelledArray(np.hypot(composition.uncertainty, common), "czyx", labels=names)
    changes = found.changes_at_percent
    return CompositionVolumes(
        composition=LabelledArray(composition.percent, "czyx", labels=names),
        uncertainty=uncertainty,
        valid=composition.valid.astype(np.uint8),
        intensities=LabelledArray(found.intensities, "czyx", labels={"c": families}),
        elements=elements_table(found, k_uncertainty(found.mean, found.k_factors)),
        k_factors=k_table(found.k_factors),
        tilt_factors=None if found.tilt_factors is None else tilt_factors_table(found.tilt_factors, families, angles),
        absorption=None if found.transmission is None else absorption_table(found.transmission, maps, families, angles),
        last_change=Quantity(float(changes[-1]), "at%", "measured", note="root mean square over all voxels")
        if changes.size
        else Quantity.unknown("at%", "absorption was not corrected"),
        notes=notes,
    )


def families_of_maps(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Return the families of maps, and the element of each.

    Parameters
    ----------
    names : sequence of str
        What the maps are called.

    Raises
    ------
    UnknownLine, InvalidSetting
    ElementMismatch
        Two maps show one element.
    """
    families = families_in(", ".join(names), field="maps")
    elements = tuple(line_family(name).element for name in families)
    if len(set(elements)) < len(elements):
        raise ElementMismatch("maps: two maps show one element: keep one family of lines for each")
    return families, elements


def _checked_particle(particle: ArrayLike, maps: NDArray[np.float32]) -> NDArray[np.bool_]:
    mask = np.asarray(particle) > 0
    if maps.ndim != 4 or mask.shape != (maps.shape[3], maps.shape[2], maps.shape[3]):
        raise WrongShape(
            f"particle {mask.shape} and maps {maps.shape}: give maps (c, t, y, x) and a particle "
            "(z, y, x) as deep as wide"
        )
    if not mask.any():
        raise EmptyMask("the particle has no voxel: lower the threshold of its mask")
    return mask


def _of_factors(percent: ArrayLike, factors: KFactors) -> NDArray[np.float32]:
    """Return the uncertainty that k-factors add; none where it is unknown, which the notes tell."""
    spread = k_uncertainty(percent, factors)
    return np.zeros_like(spread) if factors.covariance is None else spread


def _origin(factors: KFactors, *, is_own: bool, cycles: int | None) -> tuple[str, ...]:
    """Say where k-factors come from, and what that makes of the composition."""
    notes = [f"k-factors: {factors.source}"]
    if is_own:
        notes.append(
            "own-reference: this particle was taken for the reference: its mean composition is that of the reference "
            "by construction, only departures from the mean are measured; give k-factors of reference particles"
        )
    elif factors.covariance is None:
        notes.append("k-uncertainty-unknown: the uncertainty of the k-factors is unknown and not in that of at%")
    if is_own and cycles:
        notes.append(
            f"cycled-reference: after {cycles} cycles the particle is not what it was made as, so what it lost or "
            "gained as a whole is hidden: run eds_k_factors over pristine particles and give its table as k_factors"
        )
    return tuple(notes)


def _notes(
    found: ElementVolumes,
    settings: CompositionSettings,
    *,
    table: Table | None,
    is_even: bool,
    voxels: int,
) -> tuple[str, ...]:
    """Say what makes the numbers doubtful."""
    notes = []
    if not settings.absorption:
        notes.append(
            "absorption-not-corrected: X-rays absorbed in the particle make a false gradient, of 1 to 2 at% oxygen in "
            "200 nm of an oxide"
        )
    elif is_even:
        notes.append("even-density: without a dark-field volume the particle absorbs as if of one density")
    elif settings.dark_field_median is None and reference_median(table) is not None:
        notes.append(
            "density-of-references: the particle counts as so much denser than the reference particles as its dark "
            "field is brighter: right if all were recorded alike"
        )
    if found.changes_at_percent.size and found.changes_at_percent[-1] > SETTLED_AT_PERCENT:
        notes.append("absorption-unsettled: the last round still changed the composition: raise absorption_iterations")
    if found.tilt_factors is not None and found.tilt_factors.left_out.any():
        notes.append("few-counts: elements with too few counts in a tilt had no say in its level: see tilt_factors")
    if lost := voxels - int(found.composition.valid.sum()):
        notes.append(f"voxels-without-composition: {lost} voxels of the particle have too few atoms to tell")
    return tuple(notes)
