"""How long a scale bar should be, and how it is written."""

import math
from dataclasses import dataclass

_LARGEST_FRACTION = 0.25
_UNITS = ((1e6, "mm"), (1e3, "µm"), (1.0, "nm"), (0.1, "Å"))


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A bar: its length [nm] and the text beside it."""

    length_nm: float
    text: str


def scale_bar(width_nm: float) -> ScaleBar:
    """
    Choose the longest of 1, 2, 5, 10, 20, 50 ... that takes at most a quarter of a picture.

    Parameters
    ----------
    width_nm : float
        Width of the picture [nm], above zero.

    Returns
    -------
    bar : ScaleBar
        In the largest of mm, µm, nm and Å of which it is at least one.
    """
    most = width_nm * _LARGEST_FRACTION
    decade = 10.0 ** math.floor(math.log10(most))
    length = max(step * decade for step in (1, 2, 5) if step * decade <= most * (1 + 1e-9))
    factor, unit = next((pair for pair in _UNITS if length >= pair[0] * (1 - 1e-9)), _UNITS[-1])
    return ScaleBar(length, f"{length / factor:.6g} {unit}")
