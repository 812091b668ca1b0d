"""Phase of a cathode, place by place, from the spacings in atomic-resolution images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import InvalidSetting, NonFiniteValues, Progress, WrongShape, silent
from lithoscope.numerics.particles.crystals import Spots, crystals
from lithoscope.numerics.particles.errors import NoLattice
from lithoscope.numerics.particles.fourier_peaks import Peaks, fourier_peaks
from lithoscope.numerics.particles.profiles import or_null
from lithoscope.numerics.particles.zone_matching import Match, match_zone
from lithoscope.tables import Table

Float = NDArray[np.float64]

#: Shortest and longest spacing that tell the phases apart: {111} of spinel and (003) of layered oxide are near 4.75.
SPACINGS_A = (1.25, 5.2)
#: A piece holds at least so many of the longest.
FEWEST_PERIODS = 4
NO_LATTICE, UNDETERMINED = "no lattice", "undetermined"
#: A pattern that fits as well is ruled out by its spacings if they lower its score to this share of the best.
DECISIVE = 0.5
#: Fewer peaks in half a plane are stripes, not a lattice.
FEWEST_PEAKS = 2


@dataclass(frozen=True, slots=True)
class LatticePhases:
    """
    Phases in an image.

    Parameters
    ----------
    names : tuple of str
        What a label may be: "no lattice", "undetermined", then the phases.
    labels : (j, i) array of int
        Index into `names` for each piece of the image.
    scores : (p, j, i) array
        How well each phase fits, 0 to 1.
    scales : (j, i) array
        Spacings of the image over those of the table for the best phase; NaN without a lattice.
    longest_spacing_A : (j, i) array
        Largest spacing with a peak [Å]; NaN without a lattice.
    y_px, x_px : (j,) and (i,) array
        Middles of the pieces [px].
    """

    names: tuple[str, ...]
    labels: NDArray[np.int64]
    scores: Float
    scales: Float
    longest_spacing_A: Float
    y_px: Float
    x_px: Float

    @property
    def fractions(self) -> dict[str, float]:
        """Share of the pieces under each label [1]."""
        counts = np.bincount(self.labels.ravel(), minlength=len(self.names))
        return dict(zip(self.names, (counts / self.labels.size).tolist(), strict=True))

    def table(self) -> Table:
        """List every piece."""
        y, x = np.meshgrid(self.y_px, self.x_px, indexing="ij")
        scores = {f"score_{name}": s.ravel().tolist() for name, s in zip(self.names[2:], self.scores, strict=True)}
        columns = {
            "y_px": y.ravel().tolist(),
            "x_px": x.ravel().tolist(),
            "phase": [self.names[label] for label in self.labels.ravel()],
            "longest_spacing_A": or_null(self.longest_spacing_A),
            "scale": or_null(self.scales),
            **scores,
        }
        return Table(columns, dict.fromkeys(columns, "1") | {"y_px": "px", "x_px": "px", "longest_spacing_A": "Å"})


def lattice_phases(
    image: ArrayLike,
    *,
    pixel_nm: float,
    window_nm: float = 3.0,
    step_nm: float = 1.5,
    smallest_score: float = 0.5,
    smallest_lead: float = 0.08,
    scale_tolerance: float = 0.02,
    progress: Progress | None = None,
) -> LatticePhases:
    """
    Tell layered, spinel-like and rock-salt regions apart by the Fourier transforms of small pieces.

    The transform of each piece is compared with those of all phases along the directions that show columns. Layered
    oxide has planes 4.74 Å apart in one direction, spinel 4.76 Å in two at 70.5 degrees along [110], rock salt none
    above 2.4 Å. Along directions that hide those planes the phases differ by 3 % in spacing only: unless
    `scale_tolerance` says that spacings are known so well, such a place is labelled "undetermined". An image is a
    projection: twins of layered oxide that overlap along the beam look like spinel, and a thin skin of rock salt on a
    layered core shows the planes of the core.

    Parameters
    ----------
    image : (y, x) array
        Dark-field image with resolved columns.
    pixel_nm : float
        Step of the image [nm], calibrated within about 1 %.
    window_nm, step_nm : float
        Edge of a piece, and from one to the next [nm].
    smallest_score, smallest_lead : float
        What the best phase must reach, and by how much its pattern must lead where spacings do not decide [1].
    scale_tolerance : float
        Standard deviation of the spacings from the table's: calibration, composition and strain [1].
    progress : callable, optional
        Called as ``progress(done, total)`` after each row of pieces; an early finish leaves the rest undetermined.

    Returns
    -------
    phases : LatticePhases

    Raises
    ------
    WrongShape, NonFiniteValues, InvalidSetting
    NoLattice
        The image or its window is too small, or its pixels too large, for these spacings.
    """
    values = np.asarray(image, np.float64)
    size, step = _checked_pieces(values, pixel_nm, window_nm, step_nm)
    if not 0 < scale_tolerance < 0.2:
        raise InvalidSetting("scale_tolerance lies between 0 and 0.2: beyond, every lattice is every other")
    phases = crystals()
    spots = {
        name: [phase.spots(zone, smallest_spacing_A=SPACINGS_A[0]) for zone in phase.zones]
        for name, phase in phases.items()
    }
    tops, lefts = (np.arange(0, length - size + 1, step) for length in values.shape)
    labels = np.ones((len(tops), len(lefts)), np.int64)
    scores = np.zeros((len(phases), *labels.shape))
    scales, longest = np.full(labels.shape, np.nan), np.full(labels.shape, np.nan)
    report = progress or silent
    for j, top in enumerate(tops):
        for i, left in enumerate(lefts):
            piece = values[top : top + size, left : left + size]
            peaks = fourier_peaks(piece, pixel_A=10 * pixel_nm, spacings_A=SPACINGS_A)
            if not _is_lattice(peaks):
                labels[j, i] = 0
                continue
            matches = _matches(peaks, spots, 0.8 / (10 * window_nm), scale_tolerance)
            scores[:, j, i] = [match.score for match in matches]
            labels[j, i] = _label(matches, smallest_score, smallest_lead)
            scales[j, i] = max(matches, key=lambda match: match.score).scale
            longest[j, i] = 1 / np.linalg.norm(peaks.vectors_per_A, axis=1).min()
        if not report(j + 1, len(tops)):
            break
    names = (NO_LATTICE, UNDETERMINED, *phases)
    return LatticePhases(names, labels, scores, scales, longest, tops + (size - 1) / 2, lefts + (size - 1) / 2)


def _matches(peaks: Peaks, spots: dict[str, list[Spots]], reach_per_A: float, scale_tolerance: float) -> list[Match]:
    """Return how each phase fits along its best direction."""
    return [
        max(
            (match_zone(peaks, zone, reach_per_A=reach_per_A, scale_tolerance=scale_tolerance) for zone in zones),
            key=lambda match: match.score,
        )
        for zones in spots.values()
    ]


def _label(matches: list[Match], smallest_score: float, smallest_lead: float) -> int:
    """Return the index of the phase that no other comes near, by pattern or else by spacings, or of "undetermined"."""
    best = max(range(len(matches)), key=lambda number: matches[number].score)
    first = matches[best]
    others = [match for number, match in enumerate(matches) if number != best]
    is_clear = all(
        match.pattern <= first.pattern - smallest_lead or match.score <= DECISIVE * first.score for match in others
    )
    return best + 2 if is_clear and first.score >= smallest_score else 1


def _is_lattice(peaks: Peaks) -> bool:
    """Say whether peaks span a plane."""
    if len(peaks.amplitude) < FEWEST_PEAKS:
        return False
    directions = peaks.vectors_per_A / np.linalg.norm(peaks.vectors_per_A, axis=1)[:, None]
    across = abs(directions[:, 0] * directions[0, 1] - directions[:, 1] * directions[0, 0])
    return bool(across.max() > np.sin(np.deg2rad(10)))


def _checked_pieces(image: Float, pixel_nm: float, window_nm: float, step_nm: float) -> tuple[int, int]:
    """Return edge and step of the pieces [px], or say why the image cannot be told."""
    if image.ndim != 2:
        raise WrongShape(f"an array of shape {image.shape} is no image: give (y, x)")
    if not np.isfinite(image).all():
        raise NonFiniteValues("the image holds NaN or infinite values: crop or repair these pixels first")
    if pixel_nm <= 0 or step_nm <= 0:
        raise InvalidSetting("pixel_nm and step_nm must be above zero: correct them")
    if 10 * pixel_nm > SPACINGS_A[0] / 2:
        raise NoLattice(f"pixels above {SPACINGS_A[0] / 20:.4f} nm do not resolve the lattice: give a finer image")
    if 10 * window_nm < FEWEST_PERIODS * SPACINGS_A[1]:
        raise NoLattice(f"a window below {FEWEST_PERIODS * SPACINGS_A[1] / 10:.2f} nm holds too few planes: widen it")
    size = round(window_nm / pixel_nm)
    if size > min(image.shape):
        raise NoLattice(f"the image is smaller than the window of {size} pixels: give a larger image")
    return size, max(round(step_nm / pixel_nm), 1)
