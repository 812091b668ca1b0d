"""How maps of X-rays become composition: k-factors, preparation, absorber and engine, from what a person fills in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.eds.absorption import Detector
from lithoscope.numerics.eds.errors import ElementMismatch
from lithoscope.numerics.eds.k_report import k_factors_of, reference_median
from lithoscope.numerics.eds.named import amounts_in, numbers_in
from lithoscope.numerics.eds.quantification import (
    KFactors,
    ReferenceComposition,
    given_k_factors,
    reference_compositions,
)
from lithoscope.numerics.eds.self_absorption import Absorber, density_from_adf
from lithoscope.numerics.eds.tomography import Preparation
from lithoscope.numerics.tomography.map_engines import EngineName, map_engine
from lithoscope.tables import Table

#: Iterations that suffice smoothed maps of few counts; more sharpen noise.
USUAL_ITERATIONS: dict[str, int] = {"sirt": 30, "genfire": 60, "sart": 5, "resire": 60, "fbp": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """
    Where k-factors come from if no table gives them.

    Parameters
    ----------
    reference : {"nominal", "icp", "given"}
        This particle, taken to have a reference composition, or given factors.
    k_given : str
        An element and a number each.
    k_by_mass : bool
        They give mass per count.
    k_uncertainty_percent : float or None
        Of each given factor, relative to the first [%].
    """

    reference: Literal["nominal", "icp", "given"]
    k_given: str
    k_by_mass: bool
    k_uncertainty_percent: float | None

    def of(self, elements: Sequence[str], table: Table | None) -> KFactors | ReferenceComposition:
        """
        Return factors, or the composition from which they follow.

        Raises
        ------
        ElementMismatch, InvalidSetting
        """
        if table is not None:
            return k_factors_of(table, elements)
        if self.reference == "given":
            return self.given(elements)
        return reference_compositions()[self.reference]

    def given(self, elements: Sequence[str]) -> KFactors:
        """Read the factors that were typed in."""
        amounts = amounts_in(self.k_given, field="k_given")
        if missing := [element for element in elements if element not in amounts]:
            raise ElementMismatch(f"k_given: there is no k-factor of {missing[0]}: add it, or leave its map out")
        percent = self.k_uncertainty_percent
        return given_k_factors(
            [amounts[element] for element in elements],
            elements,
            source="given k-factors, after Cliff and Lorimer",
            by_mass=self.k_by_mass,
            relative_to=elements[0],
            uncertainty=None if percent is None else percent / 100,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionSettings(Factors):
    """
    How maps become composition.

    Parameters
    ----------
    engine : {"sirt", "genfire", "sart", "resire", "fbp"}
    iterations : int or None
    oversampling_ratio, interpolation_radius_px, nonnegative
        As of `map_engine`.
    support_px : float or None
        X-rays may come from the particle and so far around it [px]; from anywhere if None.
    sigma_px, normalise, least_counts
        As of `Preparation`.
    excluded_tilts : str
        Numbers of tilts that are not used, from 0 on.
    absorption : bool
    absorption_iterations : int
    density_g_cm3, dark_field_median
        As of `density_from_adf`.
    unseen, azimuths_deg, elevation_deg
        As of `Absorber` and `Detector`; lists as text.
    replicates : int
    floor : float
        As of `reconstruct_composition`.
    """

    engine: EngineName
    iterations: int | None
    oversampling_ratio: float
    interpolation_radius_px: float
    nonnegative: bool
    support_px: float | None
    sigma_px: float
    normalise: bool
    least_counts: float
    excluded_tilts: str
    absorption: bool
    absorption_iterations: int
    density_g_cm3: float
    dark_field_median: float | None
    unseen: str
    azimuths_deg: str
    elevation_deg: float
    replicates: int
    floor: float

    def preparation(self, tilts: int, masks: ArrayLike | None) -> Preparation:
        """Say what is done to the maps of so many tilts."""
        numbers = numbers_in(self.excluded_tilts, field="excluded_tilts")
        if any(number not in range(tilts) for number in numbers):
            raise InvalidSetting(f"excluded_tilts: tilts are numbered from 0 to {tilts - 1}: name some of them or none")
        return Preparation(
            sigma_px=self.sigma_px,
            masks=None if masks is None else np.asarray(masks) > 0,
            normalise=self.normalise,
            least_counts=self.least_counts,
            excluded=np.isin(np.arange(tilts), numbers) if numbers else None,
        )

    def absorber(
        self, dark_field: ArrayLike | None, mask: NDArray[np.bool_], voxel_nm: float, table: Table | None
    ) -> Absorber | None:
        """
        Return the particle as an absorber; of one density if no dark field tells more.

        How bright the density is was given, or goes with the k-factors of reference particles, or is this particle's.
        """
        if not self.absorption:
            return None
        azimuths = numbers_in(self.azimuths_deg, field="azimuths_deg")
        if not azimuths:
            raise InvalidSetting("azimuths_deg: absorption needs the direction of at least one detector")
        volume = mask.astype(np.float32) if dark_field is None else dark_field
        level = None if dark_field is None else self.dark_field_median or reference_median(table)
        density = density_from_adf(volume, mask, density_g_cm3=self.density_g_cm3, median=level)
        detectors = tuple(Detector(azimuth, self.elevation_deg) for azimuth in azimuths)
        return Absorber(density, voxel_nm, amounts_in(self.unseen, field="unseen"), detectors)

    def reconstruction(self, mask: NDArray[np.bool_], seed: int) -> Any:
        """Return the engine of all maps, with what it may fill."""
        count = USUAL_ITERATIONS[self.engine] if self.iterations is None else self.iterations
        bound = map_engine(
            self.engine,
            iterations=count,
            oversampling_ratio=self.oversampling_ratio,
            interpolation_radius_px=self.interpolation_radius_px,
            nonnegative=self.nonnegative,
            seed=seed,
        )
        if self.support_px is None:
            return bound
        near = ndimage.distance_transform_edt(~mask) <= self.support_px
        return partial(bound, support=near)
