"""Atomic per cent of the pixels of one image, by the ratio of Cliff and Lorimer, with their uncertainty."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import EmptyMask, InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eds.absorption import foil_transmission
from lithoscope.numerics.eds.composition_report import families_of_maps
from lithoscope.numerics.eds.composition_settings import Factors
from lithoscope.numerics.eds.fit_tables import numbers
from lithoscope.numerics.eds.k_report import k_table
from lithoscope.numerics.eds.named import amounts_in
from lithoscope.numerics.eds.quantification import (
    Composition,
    KFactors,
    atomic_percent,
    composition_uncertainty,
    k_uncertainty,
    reference_k_factors,
)
from lithoscope.numerics.eds.smoothing import smooth_maps
from lithoscope.tables import Table

ROUNDS = 4
Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantifySettings(Factors):
    """
    How an image becomes composition.

    Parameters
    ----------
    absorption : {"none", "foil"}
        Nothing is corrected, or the absorption of a foil of even thickness and of the mean composition.
    thickness_nm : float or None
        Of the foil [nm].
    density_g_cm3 : float or None
        Of the foil [g/cm3].
    unseen : str
        Atoms without a map for each atom with one.
    elevation_deg : float
        Take-off angle of the detectors above the specimen [deg].
    sigma_px : float
        Gaussian over the maps [px].
    floor : float
        As of `atomic_percent`.
    """

    absorption: Literal["none", "foil"]
    thickness_nm: float | None
    density_g_cm3: float | None
    unseen: str
    elevation_deg: float
    sigma_px: float
    floor: float

    def passed(self, families: tuple[str, ...], percent: Float) -> Float:
        """Return which part of each family's X-rays leaves a foil of this composition (f,) [1]."""
        if self.absorption == "none":
            return np.ones(len(families))
        if self.thickness_nm is None or self.density_g_cm3 is None:
            raise InvalidSetting("absorption: a foil needs thickness_nm and density_g_cm3: give both, or choose none")
        return foil_transmission(
            families,
            percent / 100,
            thickness_nm=self.thickness_nm,
            density_g_cm3=self.density_g_cm3,
            unseen=amounts_in(self.unseen, field="unseen"),
            elevation_deg=self.elevation_deg,
        )


class CompositionMaps(NamedTuple):
    """
    The composition of one image.

    Attributes
    ----------
    composition, uncertainty : (c, y, x) LabelledArray
        [at%]; NaN where not valid.
    valid : (y, x) array of uint8
        1 where there is a composition.
    elements : Table
        Mean composition, its uncertainty and from how many photons.
    k_factors : Table
    notes : tuple of str
    """

    composition: LabelledArray
    uncertainty: LabelledArray | None
    valid: NDArray[np.uint8]
    elements: Table
    k_factors: Table
    notes: tuple[str, ...]


@with_settings(QuantifySettings)
def composition_maps(
    maps: ArrayLike,
    variance: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    *,
    k_factors: Table | None = None,
    maps_names: tuple[str, ...],
    settings: QuantifySettings,
) -> CompositionMaps:
    """
    Turn the maps of one image into atomic per cent.

    Parameters
    ----------
    maps : (c, y, x) array
        Photons of each family, named by it [counts].
    variance : (c, y, x) array, optional
        Of the maps; no uncertainty without it.
    mask : (y, x) array, optional
        Above zero where composition is wanted.
    k_factors : Table, optional
        As `k_table` writes it.
    settings : QuantifySettings
        Given field by field.

    Returns
    -------
    CompositionMaps

    Raises
    ------
    WrongShape, NonFiniteValues, EmptyMask, ElementMismatch, NoReferenceSignal, UnknownLine, InvalidSetting
    """
    values, spread = _checked(maps, "maps"), None if variance is None else _checked(variance, "variance")
    if spread is not None and spread.shape != values.shape:
        raise WrongShape(f"variance has shape {spread.shape}, maps {values.shape}: give the variance of these maps")
    inside = np.ones(values.shape[1:], np.bool_) if mask is None else np.asarray(mask) > 0
    if inside.shape != values.shape[1:]:
        raise WrongShape(f"the mask has shape {inside.shape}, the maps {values.shape[1:]}: give a mask of the image")
    if not inside.any():
        raise EmptyMask("the mask selects no pixel: lower its threshold or leave it out")
    families, elements = families_of_maps(maps_names)
    sums = values[:, inside].sum(axis=1, dtype=np.float64)
    if not sums.sum() > 0:
        raise EmptyMask("maps: no photons lie inside the mask: there is no composition to tell")
    wanted = settings.of(elements, k_factors)
    factors, passed, mean = _settled(wanted, sums, families, settings)
    smooth = smooth_maps(values, sigma_px=settings.sigma_px, variance=spread)
    gain = (1 / passed).astype(np.float32)[:, None, None]
    noise = None if smooth.variance is None else smooth.variance * gain**2
    found = atomic_percent(smooth.maps * gain, factors, mask=inside, variance=noise, floor=settings.floor)
    counted = None if spread is None else spread[:, inside].sum(axis=1, dtype=np.float64)
    return CompositionMaps(
        composition=LabelledArray(found.percent, "cyx", labels={"c": elements}),
        uncertainty=_told(found, factors),
        valid=found.valid.astype(np.uint8),
        elements=_elements_table(mean, factors, sums=sums, variance=counted, passed=passed),
        k_factors=k_table(factors),
        notes=_notes(
            factors, settings, is_own=not isinstance(wanted, KFactors), invalid=int((inside & ~found.valid).sum())
        ),
    )


def _settled(
    wanted: Any, sums: Float, families: tuple[str, ...], settings: QuantifySettings
) -> tuple[KFactors, Float, Float]:
    """Find the mean composition and what of its X-rays leaves the foil, each from the other."""
    elements = tuple(name.partition(" ")[0] for name in families)
    passed = np.ones(len(families))
    for _ in range(ROUNDS):
        counts = np.maximum(sums, 0) / passed
        own = not isinstance(wanted, KFactors)
        factors = reference_k_factors(counts, elements, wanted, relative_to=elements[0]) if own else wanted
        atoms = factors.values * counts
        mean = 100 * atoms / atoms.sum()
        passed = settings.passed(families, mean)
    return factors, passed, mean


def _checked(maps: ArrayLike, name: str) -> NDArray[np.float32]:
    values = np.asarray(maps, np.float32)
    if values.ndim != 3:
        raise WrongShape(f"{name} have shape {values.shape}: give maps (c, y, x) of one image")
    if not np.isfinite(values).all():
        raise NonFiniteValues(f"{name} hold NaN or infinite values: fit the spectra again")
    return values


def _told(found: Composition, factors: KFactors) -> LabelledArray | None:
    if found.uncertainty is None:
        return None
    common = 0 if factors.covariance is None else k_uncertainty(found.percent, factors)
    return LabelledArray(np.hypot(found.uncertainty, common), "cyx", labels={"c": found.elements})


def _elements_table(mean: Float, factors: KFactors, *, sums: Float, variance: Float | None, passed: Float) -> Table:
    """Tabulate the composition of all pixels together."""
    counted = np.full(len(mean), np.nan)
    if variance is not None and (sums > 0).all():
        counted = composition_uncertainty(mean, variance / sums**2)
    common = k_uncertainty(mean, factors)
    columns: dict[str, list[Any]] = {
        "element": list(factors.elements),
        "mean": numbers(mean),
        "mean_uncertainty": numbers(np.hypot(counted, common)),
        "by_counting": numbers(counted),
        "by_k_factors": numbers(np.asarray(common, np.float64)),
        "photons": numbers(sums),
        "part_that_left": numbers(passed),
    }
    units = {"element": "1", "photons": "counts", "part_that_left": "1"}
    return Table(columns, {name: units.get(name, "at%") for name in columns})


def _notes(factors: KFactors, settings: QuantifySettings, *, is_own: bool, invalid: int) -> tuple[str, ...]:
    notes = [f"k-factors: {factors.source}"]
    if is_own:
        notes.append(
            "own-reference: this image was taken for the reference: its mean composition is assumed, not found"
        )
    elif factors.covariance is None:
        notes.append("k-uncertainty-unknown: the uncertainty of the k-factors is unknown and not in that of at%")
    if settings.absorption == "none":
        notes.append("absorption-not-corrected: soft lines of thick places are weakened more than hard ones")
    if invalid:
        notes.append(f"pixels-without-composition: {invalid} pixels have too few atoms to tell")
    return tuple(notes)
