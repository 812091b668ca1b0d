"""Maps by windows: counts around a line less what two side windows say of the background."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lithoscope.numerics.common import Progress, silent
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.lines import LineFamily, line_family
from lithoscope.numerics.eds.response import Response
from lithoscope.numerics.eds.series import (
    Float,
    LineMaps,
    SpectrumSeries,
    checked_live,
    checked_series,
    field_sum,
    products,
    tilt_spectra,
)


@dataclass(frozen=True, slots=True)
class LineWindow:
    """
    Where a line and its background are counted.

    Parameters
    ----------
    line_eV : tuple of float
        Start and end of the window of the line [eV].
    below_eV, above_eV : tuple of float
        The side windows [eV]; the background is the straight line through their means.
    """

    line_eV: tuple[float, float]
    below_eV: tuple[float, float]
    above_eV: tuple[float, float]

    @classmethod
    def around(
        cls,
        family: LineFamily,
        response: Response,
        *,
        half_width_fwhm: float = 1.0,
        beside: Sequence[LineFamily] = (),
    ) -> "LineWindow":
        """
        Place a window around the strongest line, and sides half of its width at half maximum beyond it.

        Sides that would lie on lines of the families `beside` it are moved outwards until they lie on none: what they
        counted of those lines would be taken for background.
        """
        centre = family.strongest_eV + response.offset_eV
        width = float(response.fwhm_eV(family.strongest_eV))
        half, near = half_width_fwhm * width, (half_width_fwhm + 0.5) * width
        lines = [energy for other in beside for energy in other.energies_eV]
        taken = [(line + response.offset_eV, float(response.fwhm_eV(line))) for line in lines]
        below, above = centre - near, centre + near
        for line, reach in sorted(taken, reverse=True):
            if line - reach < below and line + reach > below - width:
                below = line - reach
        for line, reach in sorted(taken):
            if line + reach > above and line - reach < above + width:
                above = line + reach
        return cls((centre - half, centre + half), (below - width, below), (above, above + width))

    def row(self, axis: EnergyAxis) -> Float:
        """
        Write the window as weights of channels: 1 in the line, minus the ratio of widths in the sides.

        Counts N and side counts B then give ``N - ratio B`` with variance ``N + ratio^2 B``.

        Raises
        ------
        WindowOutsideSpectrum
        """
        line, below, above = (axis.window(*window) for window in (self.line_eV, self.below_eV, self.above_eV))
        middle, low, high = (float(axis.energies_eV[part].mean()) for part in (line, below, above))
        near_above = (middle - low) / (high - low)
        row = np.zeros(axis.size)
        row[below] -= (1 - near_above) * (line.stop - line.start) / (below.stop - below.start)
        row[above] -= near_above * (line.stop - line.start) / (above.stop - above.start)
        row[line] += 1
        return row


def window_maps(
    spectra: SpectrumSeries,
    *,
    axis: EnergyAxis,
    families: Sequence[str],
    response: Response = Response(),
    windows: Sequence[LineWindow] | None = None,
    live_fraction: ArrayLike | None = None,
    progress: Progress | None = None,
) -> LineMaps:
    """
    Count families of lines by windows; differences below zero stay, so that sums are right.

    Parameters
    ----------
    spectra : (t, y, x, e) array or memory map
        Raw counts, read tilt by tilt.
    axis : EnergyAxis
    families : sequence of str
        ``("O K", "Mn L")``.
    response : Response
        Width of the lines.
    windows : sequence of LineWindow, optional
        One for each family; `LineWindow.around` by default. Nothing separates lines that share a window: see
        `LineMaps.crosstalk`, and `fit_families` for a remedy.
    live_fraction : (t, y, x) array, optional
        Part of the time that the detector listened to each pixel: counts are divided by it [1].
    progress : callable, optional
        Called as ``progress(done, total)`` after each tilt; tilts after an early finish are NaN.

    Raises
    ------
    WrongShape, NonFiniteValues, NegativeCounts, UnknownLine, LineOutsideSpectrum, WindowOutsideSpectrum,
    DetectorSaturated
    """
    tilts, n_y, n_x = checked_series(spectra, axis)
    revived = checked_live(live_fraction, (tilts, n_y, n_x))
    known = [line_family(name) for name in families]
    chosen = windows or [LineWindow.around(family, response, beside=known) for family in known]
    rows = np.array([window.row(axis) for window in chosen])
    profiles = np.array([response.profile(family, axis) for family in known])
    found = rows @ profiles.T
    crosstalk = found / np.diag(found) - np.eye(len(found))
    used = np.flatnonzero(rows.any(axis=0))
    channels = slice(int(used[0]), int(used[-1]) + 1)
    both = np.concatenate([rows, rows**2])[:, channels].astype(np.float32)
    maps = np.full((2, len(known), tilts, n_y, n_x), np.nan, np.float32)
    field = np.full((tilts, both.shape[1]), np.nan)
    report = progress or silent
    for tilt in range(tilts):
        values = tilt_spectra(spectra, tilt, channels)
        field[tilt] = field_sum(values, None)
        maps[:, :, tilt] = products(values, both).reshape(2, len(known), n_y, n_x)
        if revived is not None:
            maps[0, :, tilt] *= revived[tilt]
            maps[1, :, tilt] *= revived[tilt] ** 2
        if not report(tilt + 1, tilts):
            break
    sums = maps.sum(axis=(3, 4), dtype=np.float64)
    misfit = np.full(tilts, np.nan)
    return LineMaps(tuple(families), maps[0], maps[1], sums[0], sums[1], crosstalk, 0, misfit, channels, field)
