"""Background below an edge: one power law, or two with a continuum behind the edge."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import InvalidSetting
from lithoscope.numerics.eels.checks import checked_spectra

BackgroundFunction = Literal["power_law", "double_power_law"]
Float = NDArray[np.float64]
#: Exponents the fits choose from; finer steps change the background by less than its noise.
EXPONENTS = tuple(np.arange(1.0, 6.01, 0.5).tolist())


@dataclass(frozen=True, slots=True)
class Windows:
    """
    Where a background is fitted, and how much the part behind the edge counts.

    Parameters
    ----------
    pre_eV, post_eV : (float, float)
        Before the edge, and far behind its onset [eV].
    post_weight : float
        Weight of a channel behind the edge relative to one before it.
    """

    pre_eV: tuple[float, float]
    post_eV: tuple[float, float]
    post_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class FittedBackground:
    """
    Backgrounds of many spectra: ``a s^-b + c s^-d + f`` with ``s = x / scale_eV``.

    Parameters
    ----------
    amplitudes : (..., 3) array
        a, c and f; NaN for spectra with NaN.
    exponents : (..., 2) array
        b and d, NaN where the power law is absent.
    scale_eV : float
        Energy that x is divided by: the middle of the axis.
    """

    amplitudes: Float
    exponents: Float
    scale_eV: float

    def values(self, axis: EnergyAxis) -> Float:
        """Return the backgrounds (..., e) themselves."""
        logs = np.log(axis.energies_eV / self.scale_eV)
        first, second = (np.exp(-np.nan_to_num(self.exponents[..., k, None]) * logs) for k in (0, 1))
        a, c, f = (self.amplitudes[..., k, None] for k in range(3))
        return np.asarray(a * first + c * second + f)


def middle_eV(axis: EnergyAxis) -> float:
    """Return the energy that exponents are counted from."""
    return (axis.first_eV + axis.last_eV) / 2


def shared_columns(axis: EnergyAxis, post: slice, *, continuum_offset: bool) -> Float:
    """
    Return what every fit with two power laws has besides them: (k, e).

    A constant, then a line through zero energy behind the edge; with `continuum_offset` a step there as well, so that
    the line may fall as a continuum does.
    """
    scaled, behind = axis.energies_eV / middle_eV(axis), np.zeros(axis.size)
    behind[post] = 1
    rows = [np.ones(axis.size), behind * scaled] + ([behind] if continuum_offset else [])
    return np.array(rows)


def fit_background(
    spectra: ArrayLike,
    *,
    axis: EnergyAxis,
    windows: Windows,
    function: BackgroundFunction = "power_law",
    exponents: tuple[float, ...] = EXPONENTS,
    continuum_offset: bool = True,
) -> FittedBackground:
    """
    Fit the background of each spectrum in one pair of windows, one spectrum after another.

    For every exponent (pair of exponents) the amplitudes are the least-squares solution with a, c >= 0; the exponents
    with the smallest residual win (variable projection). A constant of the single power law is c and not negative; the
    constant f of the double one is free. `search_background` does this for hundreds of windows at once.

    Parameters
    ----------
    spectra : (..., e) array
        Counts; spectra with NaN come back as NaN.
    axis : EnergyAxis
        Their axis.
    windows : Windows
        Windows and weight.
    function : {"power_law", "double_power_law"}
        ``a x^-b + c`` on the window before the edge; or ``a x^-b + c x^-d + f`` there and with ``+ e x`` behind the
        edge. The continuum ``e x`` is part of the fit, not of the background.
    exponents : tuple of float
        Values tried for b and d < b.
    continuum_offset : bool
        Give the continuum a constant of its own; False is the published formula.

    Raises
    ------
    WrongShape, ChannelMismatch, WindowOutsideSpectrum, InvalidSetting

    References
    ----------
    Oh et al., Simultaneous ADF-EDS-EELS tomography, Methods, "EELS data post-processing", 2) b.
    """
    values = checked_spectra(spectra, axis)
    checked_exponents(exponents)
    pre, post = axis.window(*windows.pre_eV), axis.window(*windows.post_eV)
    powers = (axis.energies_eV / middle_eV(axis)) ** -np.array(exponents)[:, None]
    candidates: list[tuple[tuple[int, ...], Float, int]]
    if function == "power_law":
        root = np.zeros(axis.size)
        root[pre] = 1
        candidates = [((k,), np.array([powers[k], np.ones(axis.size)]), 0) for k in range(len(exponents))]
    else:
        root = np.zeros(axis.size)
        root[post] = np.sqrt(windows.post_weight)
        root[pre] = 1
        shared = shared_columns(axis, post, continuum_offset=continuum_offset)
        pairs = [(j, k) for j in range(len(exponents)) for k in range(j)]
        candidates = [((j, k), np.vstack([powers[[j, k]], shared]), len(shared)) for j, k in pairs]
    flat = values.reshape(-1, axis.size).astype(np.float64)
    fits = [_best_fit(spectrum, root, candidates, np.array(exponents)) for spectrum in flat]
    amplitudes, used = (np.array(part).reshape(*values.shape[:-1], -1) for part in zip(*fits, strict=True))
    return FittedBackground(amplitudes, used, middle_eV(axis))


def checked_exponents(exponents: tuple[float, ...]) -> None:
    """
    Refuse exponents that do not rise, or too few of them.

    Raises
    ------
    InvalidSetting
    """
    if len(exponents) < 2 or not (np.diff(exponents) > 0).all() or exponents[0] <= 0:
        raise InvalidSetting("exponents must be at least two rising numbers above zero: correct them")


def _best_fit(
    spectrum: Float, root: Float, candidates: list[tuple[tuple[int, ...], Float, int]], exponents: Float
) -> tuple[list[float], list[float]]:
    """Return (a, c, f) and (b, d) of the candidate with the smallest residual."""
    if not np.isfinite(spectrum).all():
        return [np.nan] * 3, [np.nan] * 2
    used = root > 0
    target = root[used] * spectrum[used]
    best, found = np.inf, ([np.nan] * 3, [np.nan] * 2)
    for which, columns, free in candidates:
        design = (root * columns)[:, used].T
        size = np.linalg.norm(design, axis=0)
        lowest = np.where(np.arange(len(columns)) < len(columns) - free, 0.0, -np.inf)
        solved = optimize.lsq_linear(design / size, target, (lowest, np.inf), method="bvls", tol=1e-14)
        solution = solved.x / size
        if solved.cost < best:
            best = solved.cost
            second = solution[1] if free else 0.0
            constant = solution[2] if free else solution[1]
            names = [exponents[k] if solution[i] > 0 else np.nan for i, k in enumerate(which)]
            found = ([solution[0], second, constant], [*names, np.nan][:2])
    return found
