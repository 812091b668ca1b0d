"""How a reconstruction went: the error of every iteration, and that of measured values that were held back."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lithoscope.figures.limits import shown_name
from lithoscope.figures.record import Figure
from lithoscope.figures.style import canvas, escaped, finished, lettered, look, quiet, styled

PANEL_IN, HIGH_IN = 2.9, 2.5


def figure_of_convergence(
    errors: Mapping[str, ArrayLike],
    *,
    r_free: Mapping[str, ArrayLike] | None = None,
    words: str = "Error in Fourier space",
    name: str = "error against iteration",
) -> Figure:
    """
    Draw errors against iterations.

    Parameters
    ----------
    errors : mapping of str to (i,) array
        Map to the error of each iteration [1].
    r_free : mapping of str to (i,) array, optional
        Map to the error of the values held back [1].
    words : str
        Of the error's axis.
    name : str
    """
    shown = [(words, errors), *([("R free", r_free)] if r_free else [])]
    with styled():
        sheet = canvas(PANEL_IN * len(shown), HIGH_IN)
        panels = list(sheet.subplots(1, len(shown), squeeze=False).flat)
        for axes, (title, group) in zip(panels, shown, strict=True):
            for place, (each, values) in enumerate(group.items()):
                curve = np.asarray(values, float)
                style = {key: value for key, value in look(place).items() if key != "marker"}
                axes.plot(np.arange(1, len(curve) + 1), curve, label=escaped(shown_name(each)), **style)
            axes.set_yscale("log", nonpositive="mask")
            axes.set_xlabel("Iteration")
            axes.set_ylabel(title)
            quiet(axes)
        if len(errors) > 1:
            panels[0].legend(frameon=False)
        lettered(panels)
        sentences = [f"{words} after each iteration, of {', '.join(map(shown_name, errors))}."]
        if r_free:
            sentences.append("R free is the error of measured values that the reconstruction was not shown.")
        return finished(sheet, " ".join(sentences), name)
