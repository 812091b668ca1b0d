"""Small energy-loss spectra with planted valence states, to try every step on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, special

from lithoscope.numerics.common.energy import EnergyAxis

Float = NDArray[np.float64]

CORE_AXIS = EnergyAxis(600.0, 0.15, 1111)
LOW_AXIS = EnergyAxis(-30.0, 0.15, 2048)
REFERENCE_AXIS = EnergyAxis(620.0, 0.10, 1401)
MN_HOLES = (7.0, 6.0, 5.0)
#: Parts of L3, and L2, of Mn4+, Mn3+ and Mn2+: place [eV], share of the white lines, width [eV]. Drawn so that L3 has
#: the place and width of digitised literature spectra (640.4, 642.4, 643.3 eV; 4.3, 3.5, 1.3 eV), not fitted to any.
MN_LINES = (
    ((640.9, 0.17, 2.0), (643.3, 0.49, 2.8), (653.4, 0.34, 3.4)),
    ((641.0, 0.22, 2.2), (642.4, 0.48, 2.6), (653.1, 0.30, 3.2)),
    ((640.4, 0.55, 1.5), (643.4, 0.22, 2.4), (651.8, 0.23, 2.4)),
)
MN_ONSETS_EV = (641.0, 652.5)


@dataclass(frozen=True, slots=True)
class EdgePhantom:
    """
    Spectra as a spectrometer would record them, with what is in them.

    Parameters
    ----------
    core, low_loss : (pixel, e) arrays of float64
        Expected counts on `CORE_AXIS` and `LOW_AXIS`; draw Poisson counts from them for noise.
    edge, background : (pixel, e) arrays
        Single scattering of the edge, and the background in `core`.
    fractions : (v, pixel) array
        Planted fractions of atoms.
    references : (v, e) array
        White lines and continuum of each state on `REFERENCE_AXIS`, each on a scale of its own.
    """

    core: Float
    low_loss: Float
    edge: Float
    background: Float
    fractions: Float
    references: Float


def edge_of_one_atom(axis: EnergyAxis, state: int, *, continuum: float = 0.12, slope_per_eV: float = -2.8e-3) -> Float:
    """
    Draw the Mn L edge of one atom: white lines of area proportional to its 3d holes, and two steps of continuum.

    Parameters
    ----------
    axis : EnergyAxis
        Where it is drawn; every channel holds the integral over its width.
    state : {0, 1, 2}
        Mn4+, Mn3+, Mn2+.
    continuum : float
        Height of the continuum at 730 eV over the white lines of one hole [1/eV].
    slope_per_eV : float
        Its slope over its height there [1/eV].
    """
    energies = axis.energies_eV
    shape = np.zeros(axis.size)
    for place, share, width in MN_LINES[state]:
        edges = special.ndtr((axis.edges_eV - place) * 2.3548 / width)
        shape += MN_HOLES[state] * share * np.diff(edges)
    height = continuum * (1 + slope_per_eV * (energies - 730)) * axis.step_eV
    steps = [special.ndtr((energies - onset) / 1.5) for onset in MN_ONSETS_EV]
    return np.asarray(shape + height * (2 * steps[0] + steps[1]) / 3)


def mn_phantom(
    fractions: ArrayLike,
    *,
    counts_at_edge: float = 1e4,
    jump: float = 0.35,
    t_over_lambda: float = 0.7,
    reference_scales: tuple[float, float, float] = (1.0, 1.0, 1.0),
    continuum: float = 0.12,
) -> EdgePhantom:
    """
    Build Mn L2,3 core and low loss of pixels with planted valence fractions.

    Parameters
    ----------
    fractions : (v, pixel) array
        Fractions of Mn4+, Mn3+ and Mn2+ atoms in each pixel.
    counts_at_edge : float
        Counts per channel of the background at 640 eV.
    jump : float
        Highest point of the edge of an even mixture, before plural scattering, over the background at 640 eV [1].
    t_over_lambda : float
        Thickness; the edge is scattered again accordingly.
    reference_scales : (float, float, float)
        What each reference is multiplied by.
    continuum : float
        See `edge_of_one_atom`.
    """
    planted = np.asarray(fractions, np.float64)
    atoms = np.array([edge_of_one_atom(CORE_AXIS, state, continuum=continuum) for state in range(3)])
    edge = planted.T @ atoms
    edge *= jump * counts_at_edge / atoms.mean(axis=0).max()
    transform, padded = scattering(t_over_lambda)
    low = np.roll(fft.irfft(transform, padded), round(-LOW_AXIS.first_eV / LOW_AXIS.step_eV))[: LOW_AXIS.size]
    scattered = fft.irfft(fft.rfft(edge, padded, axis=1) * transform, padded, axis=1)[:, : CORE_AXIS.size]
    background = counts_at_edge * (CORE_AXIS.energies_eV / 640.0) ** -3.0
    references = np.array([edge_of_one_atom(REFERENCE_AXIS, state, continuum=continuum) for state in range(3)])
    return EdgePhantom(
        background + scattered,
        np.tile(100 * counts_at_edge * np.maximum(low, 0), (len(edge), 1)),
        edge * np.exp(-t_over_lambda),
        np.tile(background, (len(edge), 1)),
        planted,
        references * np.array(reference_scales)[:, None],
    )


def scattering(t_over_lambda: float, *, zero_loss_width_eV: float = 0.9) -> tuple[NDArray[np.complex128], int]:
    """
    Return the transform of a low loss of unit area with its zero-loss peak at channel 0, and its length.

    One plasmon at 24 eV, 8 eV wide, scatters any number of times (Poisson).
    """
    padded = 8192
    energies = LOW_AXIS.step_eV * (np.mod(np.arange(padded) + padded // 2, padded) - padded // 2)
    peak = np.exp(-(energies**2) / (2 * (zero_loss_width_eV / 2.3548) ** 2))
    plasmon = np.where(energies > 0, np.exp(-((energies - 24) ** 2) / (2 * 6.0**2)), 0)
    single = fft.rfft(plasmon / plasmon.sum())
    return np.asarray(fft.rfft(peak / peak.sum()) * np.exp(t_over_lambda * (single - 1))), padded


def planted_fractions(pixels: int, *, seed: int = 0) -> Float:
    """Draw valence fractions (v, pixel) evenly from all mixtures of three states."""
    return np.asarray(np.random.default_rng(seed).dirichlet(np.ones(3), pixels).T)


def small_low_loss() -> dict[str, Any]:
    """Give one tilt of 4 x 4 low-loss spectra with a drift of a third of a channel a row."""
    low = mn_phantom(planted_fractions(1)).low_loss[0]
    drift = 0.05 * np.arange(4)
    moved = [np.interp(LOW_AXIS.energies_eV - shift, LOW_AXIS.energies_eV, low) for shift in drift]
    return {"low_loss": np.repeat(np.array(moved)[:, None], 4, axis=1), "axis": LOW_AXIS}
