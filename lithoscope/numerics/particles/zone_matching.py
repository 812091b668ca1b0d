"""How well the peaks of an image fit a phase seen along one of its directions."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.particles.crystals import Spots
from lithoscope.numerics.particles.fourier_peaks import Peaks

Float = NDArray[np.float64]

#: Peaks and spots that are tried on each other to find how the crystal is turned.
TRIED_PEAKS, TRIED_SPOTS = 5, 6


class Match(NamedTuple):
    """
    How a phase fits.

    Parameters
    ----------
    pattern : float
        1 where every peak is a spot and every spot a peak, whatever the spacings; 0 where nothing fits.
    score : float
        The same, lowered where the spacings differ from those of the table.
    scale : float
        Spacings of the image over those of the table [1].
    zone : tuple of int
        The direction that fits best.
    """

    pattern: float
    score: float
    scale: float
    zone: tuple[int, int, int]


def match_zone(peaks: Peaks, spots: Spots, *, reach_per_A: float, scale_tolerance: float) -> Match:
    """
    Turn the spots of a direction until they fit the peaks best.

    The score is the harmonic mean of two shares, both by amplitude: of the peaks that are spots, and of the spots that
    are peaks. Spacings that differ from the table's lower it.

    Parameters
    ----------
    peaks : Peaks
        Of one half of the plane.
    spots : Spots
        Of the whole plane.
    reach_per_A : float
        How far a peak may be from its spot [1/Å].
    scale_tolerance : float
        Relative deviation of all spacings that lowers the score to 0.6 of what it would be [1].

    Returns
    -------
    match : Match
    """
    plane = spots.vectors_per_A[:, 0] + 1j * spots.vectors_per_A[:, 1]
    seen = peaks.vectors_per_A[:, 0] + 1j * peaks.vectors_per_A[:, 1]
    best = Match(0.0, 0.0, 1.0, spots.zone)
    for hand in (plane, plane.conj()):
        for turn in _turns(seen, hand, spots.strength, 3 * scale_tolerance):
            match = _score(peaks, hand * turn, spots, (reach_per_A, scale_tolerance))
            best = max(best, match, key=lambda each: each.score)
    return best


def _turns(
    seen: NDArray[np.complex128], plane: NDArray[np.complex128], strength: Float, tolerance: float
) -> list[complex]:
    """List the turns that lay a strong spot on a strong peak of about its length."""
    strong = np.argsort(-strength, kind="stable")[:TRIED_SPOTS]
    turns = [
        complex(peak / abs(peak) / (spot / abs(spot)))
        for peak in seen[:TRIED_PEAKS]
        for spot in plane[strong]
        if abs(abs(peak) / abs(spot) - 1) < tolerance
    ]
    return [turn for number, turn in enumerate(turns) if all(abs(turn - other) > 0.01 for other in turns[:number])]


def _score(peaks: Peaks, plane: NDArray[np.complex128], spots: Spots, asked: tuple[float, float]) -> Match:
    """Judge one turn: spots are first stretched alike to fit the peaks next to them."""
    reach, tolerance = asked
    seen = peaks.vectors_per_A[:, 0] + 1j * peaks.vectors_per_A[:, 1]
    both, weight = np.concatenate([seen, -seen]), np.tile(peaks.amplitude, 2)
    stretch = 1.0
    for _ in range(2):
        distance = abs(stretch * plane[:, None] - both[None, :])
        nearest = np.argmin(distance, axis=1)
        allowed = reach + (3 * tolerance * abs(plane) if stretch == 1.0 else 0.0)
        fits = distance[np.arange(len(plane)), nearest] < allowed
        if not fits.any():
            return Match(0.0, 0.0, 1.0, spots.zone)
        along = np.real(both[nearest[fits]] * plane[fits].conj())
        stretch = float(np.sum(spots.strength[fits] * along) / np.sum(spots.strength[fits] * abs(plane[fits]) ** 2))
    explained = float(weight[np.unique(nearest[fits])].sum() / weight.sum())
    present = float(spots.strength[fits].sum() / spots.strength.sum())
    pattern = 2 * explained * present / (explained + present)
    off = float(np.exp(-0.5 * ((1 / stretch - 1) / tolerance) ** 2))
    return Match(pattern, off * pattern, 1 / stretch, spots.zone)
