"""The background of one edge searched tilt by tilt, with what led there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.errors import ScienceError
from lithoscope.numerics.common import Progress, WrongShape, silent
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.averaging import neighbour_mean
from lithoscope.numerics.eels.deconvolution import FourierRatio
from lithoscope.numerics.eels.edge_settings import EdgeSettings, Strengths
from lithoscope.numerics.eels.errors import MissingZeroLoss
from lithoscope.numerics.eels.lowpass import LowPass
from lithoscope.numerics.eels.tilts import DriftFree, joined, mask_of_tilt, named_tilt, same_pixels, tilt_count
from lithoscope.numerics.eels.window_search import BackgroundSearch, SlopeScore, search_background

#: Low-loss spectra must reach this far on both sides of 0 eV.
NEAR_ZERO_EV = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class TiltSpectra:
    """
    What is looked at of one tilt, averaged with neighbours.

    Attributes
    ----------
    core, low : (pixel, e) arrays
        The core loss within its region, and the low loss.
    variance_factor : (pixel,) array
        What averaging made of the variance [1].
    pixels : (y, x) array of bool
        Where these pixels are.
    """

    core: NDArray[Any]
    low: NDArray[Any]
    variance_factor: NDArray[np.float64]
    pixels: NDArray[np.bool_]

    def spread(self, values: NDArray[Any], fill: float = np.nan) -> NDArray[Any]:
        """Put values (..., pixel) at their places (..., y, x)."""
        result = np.full((*values.shape[:-1], *self.pixels.shape), fill, values.dtype)
        result[..., self.pixels] = values
        return result


@dataclass(frozen=True, slots=True, eq=False)
class EdgeSpectra:
    """
    Core and low loss of the same pixels, read one tilt at a time.

    Attributes
    ----------
    core, low : DriftFree
    axis : EnergyAxis
        The region of the core loss that is worked on.
    region : slice
        Its channels.
    masks : array or None
        Pixels that are looked at.
    radius_px : int
        Neighbours averaged [px].
    """

    core: DriftFree
    low: DriftFree
    axis: EnergyAxis
    region: slice
    masks: NDArray[Any] | None
    radius_px: int

    @classmethod
    def of(
        cls,
        core_loss: ArrayLike,
        low_loss: ArrayLike,
        *,
        energies: tuple[EnergyAxis, EnergyAxis],
        settings: EdgeSettings,
        position: ArrayLike | None = None,
        masks: ArrayLike | None = None,
    ) -> "EdgeSpectra":
        """
        Prepare to read; `energies` are those of core and low loss.

        Raises
        ------
        WrongShape, ChannelMismatch, WindowOutsideSpectrum, MissingZeroLoss
        """
        core, low = (
            DriftFree.of(spectra, axis, position, least_counts=settings.least_counts)
            for spectra, axis in zip((core_loss, low_loss), energies, strict=True)
        )
        shapes = [tuple(each.series.shape[:-1]) for each in (core, low)]
        if shapes[0] != shapes[1]:
            raise WrongShape(f"core loss has pixels {shapes[0]}, low loss {shapes[1]}: give the same pixels")
        if not low.axis.covers(-NEAR_ZERO_EV, NEAR_ZERO_EV):
            raise MissingZeroLoss(
                "the low-loss axis does not reach around 0 eV: give spectra with their zero-loss peak"
            )
        axis = core.axis
        region = axis.window(max(settings.region_start_eV, axis.first_eV), min(settings.region_stop_eV, axis.last_eV))
        looked_at = same_pixels(masks, core.series, what="mask")
        return cls(core, low, axis.part(region), region, looked_at, settings.neighbour_radius_px)

    def __len__(self) -> int:
        """Count tilts; an image is one."""
        return tilt_count(self.core.series)

    @property
    def pixel_count(self) -> int:
        """Pixels of all tilts."""
        return int(np.prod(self.core.series.shape[:-1]))

    def tilt(self, tilt: int) -> TiltSpectra:
        """
        Read one tilt.

        Raises
        ------
        EmptyMask, NonFiniteValues, NegativeCounts
        """
        mask = mask_of_tilt(self.masks, tilt, self.core.series)
        core, low = self.core.tilt(tilt)[..., self.region], self.low.tilt(tilt)
        pixels = np.ones(core.shape[:2], bool) if mask is None else mask
        if self.radius_px == 0:
            return TiltSpectra(core[pixels], low[pixels], np.ones(int(pixels.sum())), pixels)
        try:
            means = [neighbour_mean(each, mask=mask, radius_px=self.radius_px) for each in (core, low)]
        except ScienceError as refused:
            raise named_tilt(refused, tilt, self.core.series) from refused
        factor = means[0].variance_factor[pixels]
        return TiltSpectra(means[0].spectra[pixels], means[1].spectra[pixels], factor, pixels)

    def joined(self, maps: list[NDArray[Any]]) -> NDArray[Any]:
        """Put the maps of all tilts side by side."""
        return joined(maps, self.core.series)


@dataclass(frozen=True, slots=True, eq=False)
class EdgeSearch:
    """
    How the background of every tilt is searched.

    Attributes
    ----------
    spectra : EdgeSpectra
    settings : EdgeSettings
    ratio : FourierRatio
    score : SlopeScore
    """

    spectra: EdgeSpectra
    settings: EdgeSettings
    ratio: FourierRatio
    score: SlopeScore

    @classmethod
    def of(cls, spectra: EdgeSpectra, settings: EdgeSettings, strengths: Strengths | None = None) -> "EdgeSearch":
        """Lay out deconvolution and theory once for all tilts."""
        low_pass = LowPass(settings.low_pass_per_eV, settings.low_pass_shape)
        ratio = FourierRatio.of(spectra.axis, spectra.low.axis, low_pass=low_pass)
        return cls(spectra, settings, ratio, settings.score(spectra.axis, strengths))

    def tilts(self, progress: Progress | None = None) -> Iterator[tuple[TiltSpectra, BackgroundSearch]]:
        """Search one tilt after the other; what an early finish leaves out stays NaN."""
        report, grid, goes_on = progress or silent, self.settings.windows(), True
        for tilt in range(len(self.spectra)):
            read = self.spectra.tilt(tilt)
            if not goes_on:
                read = TiltSpectra(
                    np.full_like(read.core, np.nan, np.float32), read.low, read.variance_factor, read.pixels
                )
            found = search_background(
                read.core,
                read.low,
                ratio=self.ratio,
                grid=grid,
                score=self.score,
                continuum_offset=self.settings.continuum_offset,
            )
            yield read, found
            goes_on = goes_on and report(tilt + 1, len(self.spectra))


@dataclass(slots=True)
class RunningMeans:
    """Sums over the pixels that were kept: core loss, its background, the edge."""

    sums: NDArray[np.float64] | None = None
    kept: int = 0
    looked_at: int = 0
    invalid: list[int] = field(default_factory=list)
    rejected: list[int] = field(default_factory=list)

    def add(self, read: TiltSpectra, found: BackgroundSearch) -> None:
        """Add one tilt."""
        kept = found.choice >= 0
        rows = [
            read.core[kept].sum(axis=0, dtype=np.float64),
            found.background.values(found.axis)[kept].sum(axis=0),
            found.spectra[kept].sum(axis=0, dtype=np.float64),
        ]
        self.sums = np.array(rows) + (0 if self.sums is None else self.sums)
        self.kept += int(kept.sum())
        self.looked_at += len(kept)
        self.invalid.append(found.invalid_count)
        self.rejected.append(found.rejected_count)

    def means(self) -> NDArray[np.float64]:
        """
        Return the mean core loss, background and edge (3, e).

        Raises
        ------
        InvalidSetting
        """
        if self.kept == 0 or self.sums is None:
            raise InvalidSetting(
                "no pixel keeps a background within the limits: raise largest_pre_slope_per_eV, or look whether the "
                "edge lies where the windows expect it"
            )
        return self.sums / self.kept


def left_out_notes(numbers: list[int], *, looked_at: int, why: str, code: str = "rejected-pixels") -> tuple[str, ...]:
    """Say how many pixels were left out, tilt by tilt where there are several."""
    if not sum(numbers):
        return ()
    tilts = f" (by tilt: {', '.join(map(str, numbers))})" if len(numbers) > 1 else ""
    return (f"{code}: {sum(numbers)} of {looked_at} pixels {why}{tilts}",)
