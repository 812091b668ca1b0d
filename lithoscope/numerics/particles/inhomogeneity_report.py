"""Inhomogeneity of a particle's composition, raw and without noise, through the whole chain from counts to at%."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import Progress, silent
from lithoscope.numerics.common.settings import with_settings
from lithoscope.numerics.eds.composition_report import families_of_maps
from lithoscope.numerics.eds.composition_settings import CompositionSettings
from lithoscope.numerics.eds.named import numbers_in
from lithoscope.numerics.eds.normalisation import normalised_maps
from lithoscope.numerics.eds.quantification import atomic_percent
from lithoscope.numerics.eds.smoothing import smooth_maps
from lithoscope.numerics.eds.tomography import ElementVolumes, Preparation, reconstruct_composition
from lithoscope.numerics.particles.checks import checked_mask
from lithoscope.numerics.particles.inhomogeneity import Scatter, inhomogeneity
from lithoscope.numerics.particles.noise_halves import halves_of_counts, halves_of_variance
from lithoscope.numerics.particles.profiles import or_null
from lithoscope.numerics.particles.scatter_report import ParticleScatter, scatter_table
from lithoscope.numerics.particles.shells import depth_shells
from lithoscope.numerics.particles.transfer import recovered_share
from lithoscope.numerics.tomography.projector import project
from lithoscope.tables import Line, Plot, Table

Float = NDArray[np.float64]
Maps = NDArray[np.float32]
#: Standard deviation of the scatter that is sent through the chain [1].
GRAINS = 0.01


class ParticleInhomogeneity(NamedTuple):
    """
    Scatter of a particle's composition.

    Attributes
    ----------
    shells : Table
        Of each element in each shell: with the noise, without it, and an upper limit where that touches zero.
    whole : Table
        The same over all shells, each about its own mean.
    recovered : Table or None
        What share of a scatter comes through, by size of its grains.
    notes : tuple of str
    """

    shells: Table
    whole: Table
    recovered: Table | None
    notes: tuple[str, ...]


@with_settings(CompositionSettings)
def measure_inhomogeneity(
    maps: ArrayLike,
    particle: ArrayLike,
    dark_field: ArrayLike | None = None,
    *,
    variance: ArrayLike | None = None,
    masks: ArrayLike | None = None,
    k_factors: Table | None = None,
    maps_names: tuple[str, ...],
    angles_deg: ArrayLike,
    pixel_size_nm: float,
    seed: int,
    connectivity: int = 6,
    confidence: float = 0.95,
    grains_px: str = "",
    particle_name: str = "",
    cycles: int | None = None,
    settings: CompositionSettings,
    progress: Progress | None = None,
) -> ParticleInhomogeneity:
    """
    Measure how uneven a composition is, as `inhomogeneity` does, which describes the figures and what is refused.

    The whole counts give level, absorption and k-factors; the halves go through the same chain with these. There are
    ``settings.replicates`` splits.

    Parameters
    ----------
    maps : (c, t, y, x) array
        Aligned photons of each family: whole counts, or fitted ones with their variance [counts].
    particle, dark_field, masks, k_factors, maps_names, angles_deg, pixel_size_nm
        As for `composition_volumes`.
    variance : (c, t, y, x) array, optional
        Of fitted maps; without it the maps must be whole counts.
    connectivity : {6, 18, 26}
        Neighbours across which a shell is peeled.
    confidence : float
        Of the intervals [1].
    grains_px : str
        Sizes of grains whose scatter is sent through the chain, separated by commas; none when empty [px].
    particle_name, cycles
        Stand in every row, for comparisons.
    settings : CompositionSettings
        Given field by field.

    Returns
    -------
    ParticleInhomogeneity
    """
    mask = checked_mask(np.asarray(particle) > 0)
    values, angles = np.asarray(maps, np.float32), np.asarray(angles_deg, np.float64)
    families, elements = families_of_maps(maps_names)
    preparation = settings.preparation(len(angles), masks)
    absorber = settings.absorber(dark_field, mask, pixel_size_nm, k_factors)
    report, splits = progress or silent, settings.replicates
    steps = 1 + 2 * splits
    engine = settings.reconstruction(mask, seed)
    halves = (
        halves_of_counts(maps, splits=splits, seed=seed)
        if variance is None
        else halves_of_variance(values, variance, splits=splits, seed=seed)
    )
    sizes = numbers_in(grains_px, field="grains_px")
    first_pair = next(halves)  # what cannot be split is refused before anything is reconstructed
    found = reconstruct_composition(
        values,
        angles,
        families=families,
        mask=mask,
        engine=engine,
        k_factors=settings.of(elements, k_factors),
        preparation=preparation,
        absorber=absorber,
        absorption_iterations=settings.absorption_iterations,
        seed=seed,
        floor=settings.floor,
    )
    report(1, steps)
    chain = Chain(engine, angles, preparation, found, mask, settings.floor)
    first, second = _composed(chain, _chained(first_pair, halves), lambda done: report(1 + done, steps))
    shells = depth_shells(mask, connectivity=connectivity)
    measured = []
    for channel, element in enumerate(elements):
        told = inhomogeneity(
            found.composition.percent[channel],
            first[:, channel],
            second[:, channel],
            shells=shells,
            confidence=confidence,
        )
        measured.append(ParticleScatter(particle_name, cycles or 0, element, "at%", float(pixel_size_nm), told))
    table = scatter_table(measured, cycles)
    shares = recovered_shares(chain, shells, elements, sizes, step_nm=float(pixel_size_nm), seed=seed)
    return ParticleInhomogeneity(
        table, _whole(measured, cycles), shares, _notes(measured, is_fitted=variance is not None)
    )


def recovered_shares(
    chain: "Chain",
    shells: NDArray[np.int32],
    elements: Sequence[str],
    sizes: Sequence[float],
    *,
    step_nm: float,
    seed: int,
) -> Table | None:
    """Send grains of the first metal through projection, reconstruction and quantification; None without sizes."""
    if not sizes:
        return None
    channel = next((place for place, element in enumerate(elements) if element != "O"), 0)
    found = chain.found
    percent = np.nan_to_num(found.composition.percent)
    others = np.maximum(100 - percent[channel], 1.0)

    def expect(change: Float) -> Maps:
        factors = np.repeat((1 - 100 * change / others)[None], len(percent), axis=0)
        factors[channel] = 1 + 100 * change / np.maximum(percent[channel], 1.0)
        grown = np.where(chain.mask, found.intensities * factors, found.intensities)
        return np.stack([project(volume, chain.angles) for volume in grown])

    def compose(maps: NDArray[np.floating]) -> Float:
        return np.asarray(chain.of_freed(np.asarray(maps, np.float32))[channel] / 100, np.float64)

    share = recovered_share(expect, compose, shells=shells, grain_px=sizes, amplitude=GRAINS, seed=seed)
    columns: dict[str, list[Any]] = {
        "map": [elements[channel]] * len(share.grain_px),
        "grain_px": share.grain_px.tolist(),
        "grain_nm": (share.grain_px * step_nm).tolist(),
        "share": share.particle.tolist(),
    }
    title = "Share of the scatter that comes through, by the size of its grains"
    plot = Plot("grain_nm", (Line("share", kind="points"),), title=title, x_title="Size of the grains")
    return Table(columns, {"map": "1", "grain_px": "px", "grain_nm": "nm", "share": "1"}, plot)


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """From maps of a half to atomic per cent, with level, absorption and factors of the whole."""

    engine: Callable[..., Any]
    angles: Float
    preparation: Preparation
    found: ElementVolumes
    mask: NDArray[np.bool_]
    floor: float

    def __call__(self, maps: Float) -> Maps:
        """Return the composition (c, z, y, x) of a half [at%]."""
        freed = np.asarray(maps, np.float32)
        if self.found.transmission is not None:
            freed = freed / self.found.transmission
        if self.found.tilt_factors is not None:
            freed = normalised_maps(freed, self.found.tilt_factors.factors)
        return self.of_freed(freed)

    def of_freed(self, freed: Maps) -> Maps:
        """Return the composition (c, z, y, x) of maps that have one level and lack nothing [at%]."""
        excluded = self.preparation.excluded
        used = np.ones(len(self.angles), np.bool_) if excluded is None else ~excluded
        masks = None if self.preparation.masks is None else self.preparation.masks[used]
        smooth = smooth_maps(freed[:, used], sigma_px=self.preparation.sigma_px, masks=masks)
        volumes = np.asarray(self.engine(smooth.maps, self.angles[used]), np.float32)
        return atomic_percent(volumes, self.found.k_factors, mask=self.mask, floor=self.floor).percent


def _chained(first: tuple[Float, Float], rest: Iterator[tuple[Float, Float]]) -> Iterator[tuple[Float, Float]]:
    yield first
    yield from rest


def _composed(chain: Chain, halves: Iterator[tuple[Float, Float]], report: Callable[[int], bool]) -> tuple[Maps, Maps]:
    """Return the compositions of all first and all second halves (k, c, z, y, x); an early finish keeps those made."""
    made: tuple[list[Maps], list[Maps]] = ([], [])
    for first, second in halves:
        goes_on = True
        for kept, half in zip(made, (first, second), strict=True):
            kept.append(chain(half))
            goes_on = report(len(made[0]) + len(made[1])) and goes_on
        if not goes_on:
            break
    return np.array(made[0]), np.array(made[1])


def _whole(measured: list[ParticleScatter], cycles: int | None) -> Table:
    """List the scatter of each element over the whole particle."""
    scatters: list[Scatter] = [each.shells.particle for each in measured]
    columns: dict[str, list[Any]] = {
        "particle": [each.particle for each in measured],
        "cycles": [cycles] * len(measured),
        "map": [each.map for each in measured],
    }
    for name in ("raw", "corrected", "low", "high", "upper_limit"):
        columns[name] = or_null(np.array([getattr(scatter, name) for scatter in scatters]))
    columns["voxels"] = [scatter.n for scatter in scatters]
    columns["blocks"] = [scatter.blocks for scatter in scatters]
    units = {name: "at%" if name in {"raw", "corrected", "low", "high", "upper_limit"} else "1" for name in columns}
    return Table(columns, units)


def _notes(measured: list[ParticleScatter], *, is_fitted: bool) -> tuple[str, ...]:
    """Say what is a limit only, and what the halves rest on."""
    notes = [
        f"upper-limit: the {each.map} of this particle may be even: its scatter lies below "
        f"{each.shells.particle.upper_limit:.2g} at%"
        for each in measured
        if np.isfinite(each.shells.particle.upper_limit)
    ]
    if is_fitted:
        notes.append(
            "halves-by-variance: the halves were made with the stated variance of the maps; an error of it becomes a "
            "false scatter, and noise that families share through the fit stays in"
        )
    notes.append("resolved-scatter: scatter finer than the resolution is averaged away and not in these figures")
    return tuple(notes)
