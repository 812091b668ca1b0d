"""What an X-ray detector makes of a line: its width, its dead time and the peak that is no X-ray."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.errors import DetectorSaturated, LineOutsideSpectrum
from lithoscope.numerics.eds.lines import LineFamily

Float = NDArray[np.float64]
MN_KA_EV = 5895.0
#: Ends of the strobe (zero) peak of usual pulse processors; carbon K at 277 eV stays.
STROBE_END_EV = 150.0
FWHM_PER_SIGMA = float(np.sqrt(8 * np.log(2)))


@dataclass(frozen=True, slots=True)
class Response:
    """
    Width of lines: statistics of charge on top of constant noise.

    Parameters
    ----------
    fwhm_mn_eV : float
        Full width at half maximum of Mn K alpha [eV].
    offset_eV : float
        By how much the lines of a spectrum lie above their true energies [eV].

    References
    ----------
    Fiori and Newbury, Scanning Electron Microsc. 1 (1978) 401: FWHM(E)^2 = 2.5 (E - 5895) + FWHM(Mn)^2.
    """

    fwhm_mn_eV: float = 130.0
    offset_eV: float = 0.0

    def __post_init__(self) -> None:
        if not self.fwhm_mn_eV**2 > 2.5 * MN_KA_EV:
            raise InvalidSetting("fwhm_mn_eV is below 121.4 eV, narrower than the charge's own statistics: raise it")

    def fwhm_eV(self, energy_eV: ArrayLike) -> Float:
        """Return the full width at half maximum of lines [eV]."""
        squares = 2.5 * (np.asarray(energy_eV, np.float64) - MN_KA_EV) + self.fwhm_mn_eV**2
        return np.asarray(np.sqrt(squares))

    def profile(self, family: LineFamily, axis: EnergyAxis) -> Float:
        """
        Return how the photons of a family spread over the channels.

        Returns
        -------
        profile : (e,) array of float64
            Part of all the family's photons in each channel; below 1 in sum if lines lie outside [1].

        Raises
        ------
        LineOutsideSpectrum
            The strongest line is not on the axis.
        """
        if not axis.covers(family.strongest_eV, family.strongest_eV):
            raise LineOutsideSpectrum(
                f"{family.name} ({family.strongest_eV:g} eV) is not on the axis ({axis.first_eV:g}-{axis.last_eV:g} "
                "eV): leave it out or take another family of the element"
            )
        energies = np.array(family.energies_eV)
        sigma = self.fwhm_eV(energies) / FWHM_PER_SIGMA
        place = (axis.edges_eV[:, None] - energies - self.offset_eV) / sigma
        return np.asarray(np.diff(special.ndtr(place), axis=0) @ np.array(family.shares))


def without_strobe(axis: EnergyAxis, *, strobe_end_eV: float = STROBE_END_EV) -> slice:
    """
    Return the channels above the strobe (zero) peak, which counts the processor's own pulses.

    Raises
    ------
    InvalidSetting
        Nothing lies above it.
    """
    first = int(np.searchsorted(axis.energies_eV, strobe_end_eV, side="right"))
    if first > axis.size - 2:
        raise InvalidSetting("the strobe peak would take the whole spectrum: lower strobe_end_eV")
    return slice(first, axis.size)


@dataclass(frozen=True, slots=True, eq=False)
class LiveCounts:
    """
    Counts as a detector that is never dead would have seen them.

    Parameters
    ----------
    counts, variance : (..., e) arrays of float32
        Counts and their variance.
    """

    counts: NDArray[np.float32]
    variance: NDArray[np.float32]


def sum_detectors(counts: ArrayLike, live_fractions: ArrayLike) -> LiveCounts:
    """
    Correct the counts of each detector for its dead time, then add them up.

    Parameters
    ----------
    counts : (d, ..., e) array
        Raw counts of each detector.
    live_fractions : (d,) or (d, ...) array
        Live over real time of each detector, or of each of its pixels [1].

    Raises
    ------
    WrongShape, InvalidSetting
    DetectorSaturated
        A live fraction of zero.
    """
    raw, live = np.asarray(counts), np.asarray(live_fractions, np.float64)
    if raw.ndim < 2 or live.shape not in {raw.shape[:1], raw.shape[:-1]}:
        raise WrongShape(f"counts {raw.shape} and live fractions {live.shape}: give (d, ..., e) and (d,) or (d, ...)")
    if not (live <= 1).all() or (live < 0).any():
        raise InvalidSetting("live fractions lie between 0 and 1: divide live by real time")
    if (live == 0).any():
        dead = int(np.argwhere(live == 0)[0][0])
        raise DetectorSaturated(f"detector {dead} was dead all the time in a pixel: leave the detector out")
    total = np.zeros(raw.shape[1:], np.float32)
    variance = np.zeros(raw.shape[1:], np.float32)
    for detector, part in zip(raw, live, strict=True):
        factor = np.asarray(1 / part, np.float32)[..., None]
        total += factor * detector
        variance += factor**2 * detector
    return LiveCounts(total, variance)


def live_fraction(input_rate_per_s: ArrayLike, *, dead_time_s: float) -> Float:
    """
    Return the live fraction of a processor that is blind for a fixed time after each pulse it counts.

    Parameters
    ----------
    input_rate_per_s : array
        Pulses offered [1/s].
    dead_time_s : float
        Blind time after a counted pulse [s].
    """
    return np.asarray(1 / (1 + np.asarray(input_rate_per_s, np.float64) * dead_time_s))
