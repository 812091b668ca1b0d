"""Phases of an atomic-resolution image as a map of labels and tables."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import Progress
from lithoscope.numerics.particles.lattice_phases import NO_LATTICE, UNDETERMINED, LatticePhases, lattice_phases
from lithoscope.tables import Table
from lithoscope.units import Quantity

#: Spacings of the image differ from the table's by more than this: a note.
MUCH_OFF = 0.02


class PhaseMap(NamedTuple):
    """
    Phases of an image.

    Attributes
    ----------
    phases : LabelledArray
        Label of each piece (y, x): 0 no lattice, 1 undetermined, then the phases of the table `shares`.
    shares : Table
        Pieces under each label.
    pieces : Table
        Every piece with its scores.
    notes : tuple of str
    """

    phases: LabelledArray
    shares: Table
    pieces: Table
    notes: tuple[str, ...]


def map_phases(
    image: ArrayLike,
    pixel_size_nm: float,
    *,
    window_nm: float = 3.0,
    step_nm: float = 1.5,
    smallest_score: float = 0.5,
    smallest_lead: float = 0.08,
    scale_tolerance: float = 0.02,
    progress: Progress | None = None,
) -> PhaseMap:
    """
    Tell layered, spinel-like and rock-salt pieces of an image apart as `lattice_phases` does.

    Parameters
    ----------
    image : (y, x) array
        Atomic-resolution dark field.
    pixel_size_nm : float
        Step of the image [nm].
    window_nm, step_nm, smallest_score, smallest_lead, scale_tolerance, progress
        As for `lattice_phases`, which also says what is refused.

    Returns
    -------
    PhaseMap
    """
    found = lattice_phases(
        image,
        pixel_nm=pixel_size_nm,
        window_nm=window_nm,
        step_nm=step_nm,
        smallest_score=smallest_score,
        smallest_lead=smallest_lead,
        scale_tolerance=scale_tolerance,
        progress=progress,
    )
    step = Quantity(max(round(step_nm / pixel_size_nm), 1) * pixel_size_nm, "nm", "measured", note="of the pieces")
    labels = LabelledArray(found.labels.astype(np.uint8), "yx", spacing={"y": step, "x": step})
    return PhaseMap(labels, _shares(found), found.table(), _notes(found))


def _shares(found: LatticePhases) -> Table:
    """List how many pieces each label has, and its share of those with a phase."""
    counts = np.bincount(found.labels.ravel(), minlength=len(found.names)).tolist()
    told = sum(counts[2:])
    columns: dict[str, list[Any]] = {
        "label": list(range(len(found.names))),
        "phase": list(found.names),
        "pieces": counts,
        "share_percent": [100 * value for value in found.fractions.values()],
        "share_of_told_percent": [None, None, *(100 * count / told if told else None for count in counts[2:])],
    }
    units = dict.fromkeys(columns, "1") | {"share_percent": "%", "share_of_told_percent": "%"}
    return Table(columns, units)


def _notes(found: LatticePhases) -> tuple[str, ...]:
    """Say what the image does not tell, and that its scale may be off."""
    notes = []
    shares = found.fractions
    if shares[UNDETERMINED]:
        notes.append(
            f"phase-undetermined: {shares[UNDETERMINED]:.0%} of the pieces show a lattice that two phases explain, or "
            "none; their direction may hide what tells them apart"
        )
    if shares[NO_LATTICE] == 1:
        notes.append("no-lattice-anywhere: no piece shows a lattice; look at focus and pixel size")
    scales = found.scales[found.labels > 1]
    scales = scales[np.isfinite(scales)]
    if scales.size and abs(float(np.median(scales)) - 1) > MUCH_OFF:
        notes.append(
            f"scale-off: spacings are {float(np.median(scales)) - 1:+.1%} off those of the phases; check the pixel size"
        )
    return tuple(notes)
