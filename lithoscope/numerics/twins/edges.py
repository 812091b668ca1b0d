"""Energy-loss edges of Mn, Co and Ni in known valence: white lines by their 3d holes upon a hydrogenic continuum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eels.hydrogenic import LShell, hydrogenic_continuum
from lithoscope.numerics.eels.kinematics import Beam
from lithoscope.numerics.eels.phantoms import MN_HOLES, MN_LINES

Float = NDArray[np.float64]
FWHM = 2 * np.sqrt(2 * np.log(2))
#: Width of the arctangent that each edge rises with [eV].
ONSET_WIDTH_EV = 1.0
#: The continuum is computed this far beyond the last edge [eV].
CONTINUUM_REACH_EV = 700.0


@dataclass(frozen=True, slots=True)
class EdgeState:
    """
    White lines of one valence state.

    Parameters
    ----------
    name : str
        ``"Mn4+"``.
    holes : float
        Empty 3d states; the white lines' area is proportional to them [1].
    lines : tuple of (place, share, width)
        Gaussians: maximum [eV], share of the white lines [1], full width at half maximum [eV].
    """

    name: str
    holes: float
    lines: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class MetalEdge:
    """
    The L edge of one element in all its states.

    Parameters
    ----------
    element : str
    shell : LShell
        Of its continuum.
    onsets_eV : (float, float)
        Middle of the steps of L3 and L2, two parts and one part of the continuum [eV].
    barn_per_hole : float
        Area of the white lines for each hole [barn].
    states : tuple of EdgeState
        From the highest valence down.
    """

    element: str
    shell: LShell
    onsets_eV: tuple[float, float]
    barn_per_hole: float
    states: tuple[EdgeState, ...]


# Shells: as in lithoscope/rules/tables/eels_edges.toml, with its sources (a test holds the two together). L3 maxima of
# Mn: digitised literature spectra, 640.4, 642.4 and 643.3 eV; of Co 779 eV (Co2+ about 1 eV below Co3+) and of Ni
# 853 eV as in their oxides. Holes: Oh et al., Methods, 7:6:5 and 4:3. Other widths and shares are drawn, not fitted.
# Mn4+ and Mn2+ are those of `eels.phantoms`; its Mn3+ peaks at 641.8 eV, so another is drawn here.
# The area per hole makes the continuum 0.12 white lines of one hole per eV, as in `eels.phantoms`.
MANGANESE = MetalEdge(
    "Mn", LShell(25, 640.0, 769.0, 0.16), (641.0, 652.5), 231.0,
    (
        EdgeState("Mn4+", MN_HOLES[0], MN_LINES[0]),
        EdgeState("Mn3+", MN_HOLES[1], ((641.0, 0.16, 2.2), (642.7, 0.54, 2.8), MN_LINES[1][2])),
        EdgeState("Mn2+", MN_HOLES[2], MN_LINES[2]),
    ),
)  # fmt: skip
COBALT = MetalEdge(
    "Co", LShell(27, 779.0, 926.0, 0.19), (779.0, 794.0), 143.0,
    (
        EdgeState("Co3+", 4.0, ((779.6, 0.56, 2.2), (782.6, 0.12, 3.0), (794.4, 0.32, 2.8))),
        EdgeState("Co2+", 3.0, ((777.2, 0.20, 1.4), (778.6, 0.44, 2.0), (781.6, 0.12, 2.6), (793.6, 0.24, 3.0))),
    ),
)  # fmt: skip
NICKEL = MetalEdge(
    "Ni", LShell(28, 855.0, 1008.0, 0.22), (854.5, 871.5), 110.0,
    (EdgeState("Ni2+", 2.0, ((853.0, 0.60, 1.8), (855.4, 0.12, 1.8), (870.4, 0.28, 2.8))),),
)  # fmt: skip
EDGES = (MANGANESE, COBALT, NICKEL)


def edge_barn(edge: MetalEdge, *, axis: EnergyAxis, beam: Beam) -> Float:
    """
    Draw the edge of one atom in each of its states, single scattering.

    Parameters
    ----------
    edge : MetalEdge
    axis : EnergyAxis
        Every channel holds the integral over its width.
    beam : Beam
        Energy and angles, for the continuum.

    Returns
    -------
    barn : (v, e) array
        Cross section of each channel [barn]. A reference spectrum is a row of this on any scale.

    References
    ----------
    Egerton, Electron Energy-Loss Spectroscopy in the Electron Microscope, 3rd ed. (2011), sections 3.7 and 4.6,
    doi:10.1007/978-1-4419-9583-4.
    """
    continuum = _continuum(edge, axis, beam)
    return np.array([continuum + edge.barn_per_hole * state.holes * _white_lines(state, axis) for state in edge.states])


def _white_lines(state: EdgeState, axis: EnergyAxis) -> Float:
    """Draw the white lines of a state, unit area (e,)."""
    place, share, width = (np.array(column)[:, None] for column in zip(*state.lines, strict=True))
    return np.asarray((share * np.diff(special.ndtr((axis.edges_eV - place) * FWHM / width), axis=1)).sum(axis=0))


def _continuum(edge: MetalEdge, axis: EnergyAxis, beam: Beam) -> Float:
    """Return the continuum [barn] of each channel, its onset made of two arctangents."""
    last = max(axis.last_eV, edge.shell.onset_L3_eV) + CONTINUUM_REACH_EV
    theory = hydrogenic_continuum(edge.shell, beam=beam, last_eV=last)
    energies = axis.energies_eV
    steps = [0.5 + np.arctan((energies - onset) * 2 / ONSET_WIDTH_EV) / np.pi for onset in edge.onsets_eV]
    height = np.interp(energies, theory.energies_eV, theory.barn_per_eV)
    return np.asarray(height * (2 * steps[0] + steps[1]) / 3 * axis.step_eV)


def references(edge: MetalEdge, *, axis: EnergyAxis, beam: Beam) -> dict[str, Float]:
    """Return the spectra a laboratory would take from powders of each state, by name, on scales that differ."""
    rows = edge_barn(edge, axis=axis, beam=beam)
    return {
        state.name: row * scale for state, row, scale in zip(edge.states, rows, 1000 / np.arange(1, 4), strict=False)
    }
