"""Where the lines of a detector lie and how wide they are, from the spectrum of a whole field."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.fitting import FitDesign, spectrum_misfit
from lithoscope.numerics.eds.response import Response

#: Fewer counts place no line.
LEAST_COUNTS = 200.0
FWHM_RANGE_EV = (122.0, 200.0)


def refined_response(
    spectrum: ArrayLike,
    *,
    axis: EnergyAxis,
    families: Sequence[str],
    start: Response = Response(),
    range_eV: tuple[float, float] | None = None,
    most_offset_eV: float = 25.0,
) -> Response:
    """
    Find the offset and the width with which the families explain a spectrum best.

    Parameters
    ----------
    spectrum : (e,) array
        Sum over a field [counts].
    axis : EnergyAxis
    families : sequence of str
        All families in the range, as for the maps.
    start : Response
        First guess.
    range_eV : tuple of float, optional
        Energies fitted, see `FitDesign.of` [eV].
    most_offset_eV : float
        Bound of the offset to either side [eV].

    Returns
    -------
    response : Response
        The start itself if nothing explains the spectrum better.

    Raises
    ------
    WrongShape, UnknownLine, LineOutsideSpectrum, WindowOutsideSpectrum
    InvalidSetting
        Too few counts to place a line.
    """
    counts = np.asarray(spectrum, np.float64)
    if counts.shape != (axis.size,):
        raise WrongShape(f"the spectrum has shape {counts.shape}, its axis {axis.size} channels: give one spectrum")
    design = FitDesign.of(families, axis=axis, response=start, range_eV=range_eV)
    ends = (float(axis.energies_eV[design.channels][0]), float(axis.energies_eV[design.channels][-1]))
    inside = counts[design.channels]
    if inside.sum() < LEAST_COUNTS:
        raise InvalidSetting(f"fewer than {LEAST_COUNTS:g} counts lie in the range: sum more pixels or tilts")

    def misfit(place: Sequence[float]) -> float:
        width = float(np.clip(place[1], *FWHM_RANGE_EV))
        offset = float(np.clip(place[0], -most_offset_eV, most_offset_eV))
        beyond = abs(place[0] - offset) + abs(place[1] - width)
        trial = FitDesign.of(families, axis=axis, response=Response(width, offset), range_eV=ends)
        return spectrum_misfit(inside, trial) * (1 + beyond)

    corners = [(start.offset_eV, start.fwhm_mn_eV), (start.offset_eV + 8, start.fwhm_mn_eV)]
    corners.append((start.offset_eV, start.fwhm_mn_eV + 10))
    settings = {"initial_simplex": np.array(corners), "xatol": 0.1, "fatol": 1e-3, "maxiter": 120}
    found = optimize.minimize(misfit, corners[0], method="Nelder-Mead", options=settings)
    offset = float(np.clip(found.x[0], -most_offset_eV, most_offset_eV))
    return Response(float(np.clip(found.x[1], *FWHM_RANGE_EV)), offset)
