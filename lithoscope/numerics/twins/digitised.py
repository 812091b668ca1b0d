"""White lines from spectra digitised out of the literature."""

import numpy as np
from numpy.typing import ArrayLike

from lithoscope.numerics.common.errors import InvalidSetting, NonFiniteValues, WrongShape
from lithoscope.numerics.twins.edges import ONSET_WIDTH_EV, EdgeState, MetalEdge


def digitised_state(
    energies_eV: ArrayLike, intensities: ArrayLike, *, name: str, holes: float, edge: MetalEdge, lines: int = 80
) -> EdgeState:
    """
    Turn a digitised spectrum into white lines that `edge_barn` draws.

    The continuum is taken off as two steps that meet the spectrum's end; what remains is laid out as Gaussians that
    overlap evenly, so that the shape stays as sharp as their spacing.

    Parameters
    ----------
    energies_eV, intensities : (e,) arrays
        Rising energies [eV] and intensities of any scale, without background.
    name : str
    holes : float
        Empty 3d states [1].
    edge : MetalEdge
        Whose onsets hold.
    lines : int
        Gaussians.

    Raises
    ------
    WrongShape, NonFiniteValues, InvalidSetting
    """
    energies, values = np.asarray(energies_eV, np.float64), np.asarray(intensities, np.float64)
    if energies.ndim != 1 or energies.shape != values.shape or energies.size < 10:
        raise WrongShape("a digitised spectrum is a row of at least ten energies with as many intensities")
    if not (np.isfinite(energies).all() and np.isfinite(values).all()):
        raise NonFiniteValues("the digitised spectrum holds NaN or infinite values: leave them out")
    if lines < 2 or not (np.diff(energies) >= 0).all():
        raise InvalidSetting("the energies of a digitised spectrum must rise, and two lines are the least: sort them")
    places = np.linspace(energies.min(), energies.max(), lines)
    spacing = float(places[1] - places[0])
    steps = sum(
        part * (0.5 + np.arctan((places - onset) * 2 / ONSET_WIDTH_EV) / np.pi)
        for part, onset in zip((2 / 3, 1 / 3), edge.onsets_eV, strict=True)
    )
    end = float(np.median(values[-5:]))
    heights = np.maximum(np.interp(places, energies, values) - end * np.asarray(steps), 0)
    if not heights.sum() > 0:
        raise InvalidSetting("the digitised spectrum has no white line above its end: check its background")
    drawn = zip(places.tolist(), (heights / heights.sum()).tolist(), strict=True)
    return EdgeState(name, holes, tuple((place, share, 1.5 * spacing) for place, share in drawn if share > 0))
