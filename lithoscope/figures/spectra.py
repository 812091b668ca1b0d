"""A spectrum with its fitted background and components, and what the fit leaves."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from lithoscope.figures.limits import shown_name
from lithoscope.figures.record import Figure
from lithoscope.figures.style import COLOURS, DASHES, INK, SOFT, canvas, escaped, finished, quiet, styled, with_unit

WIDTH_IN, HEIGHT_IN = 5.2, 3.6


def figure_of_spectrum(
    energy_eV: ArrayLike,
    measured: ArrayLike,
    *,
    fit: ArrayLike | None = None,
    background: ArrayLike | None = None,
    components: Mapping[str, ArrayLike] | None = None,
    uncertainty: ArrayLike | None = None,
    windows_eV: Mapping[str, tuple[float, float]] | None = None,
    unit: str = "counts",
    log_y: bool = False,
    name: str = "spectrum with its fit",
) -> Figure:
    """
    Draw a spectrum and what it was taken for.

    Parameters
    ----------
    energy_eV, measured : (e,) array
        Energies [eV] and values.
    fit, background : (e,) array, optional
    components : mapping of str to (e,) array, optional
        Families of lines or references, drawn on top of the background.
    uncertainty : (e,) array, optional
        Of the values; the residual below is drawn in it.
    windows_eV : mapping of str to (float, float), optional
        Shaded stretches of energy by their names [eV].
    unit : str
        Of the values.
    log_y : bool
    name : str
    """
    energy, values = np.asarray(energy_eV, float), np.asarray(measured, float)
    with styled():
        sheet = canvas(WIDTH_IN, HEIGHT_IN)
        axes, below = (
            sheet.subplots(2, 1, sharex=True, height_ratios=(4, 1)) if fit is not None else (sheet.subplots(), None)
        )
        axes.plot(energy, values, color=SOFT, linewidth=0.8, label="measured")
        ground = np.zeros_like(values) if background is None else np.asarray(background, float)
        for place, (title, part) in enumerate((components or {}).items()):
            style = {"color": COLOURS[place % len(COLOURS)], "linestyle": DASHES[place % len(DASHES)]}
            axes.plot(
                energy, ground + np.asarray(part, float), label=escaped(shown_name(title)), linewidth=1.1, **style
            )
        if background is not None:
            axes.plot(energy, ground, color=INK, linewidth=0.9, linestyle=":", label="background")
        if fit is not None:
            axes.plot(energy, np.asarray(fit, float), color=INK, linewidth=1.0, label="fit")
        for place, (title, (low, high)) in enumerate((windows_eV or {}).items()):
            axes.axvspan(low, high, color=COLOURS[-1 - place % len(COLOURS)], alpha=0.15, linewidth=0, label=title)
        if log_y:
            axes.set_yscale("log", nonpositive="mask")
        quiet(axes)
        axes.set_ylabel(with_unit("Signal", unit))
        axes.legend(frameon=False, ncols=2)
        if below is not None and fit is not None:
            _draw_residual(below, energy, values - np.asarray(fit, float), uncertainty)
        (axes if below is None else below).set_xlabel("Energy [eV]")
        return finished(
            sheet, _caption(list(components or {}), unit, has_fit=fit is not None, has_sd=uncertainty is not None), name
        )


def _draw_residual(
    axes: Axes, energy: NDArray[np.float64], residual: NDArray[np.float64], uncertainty: ArrayLike | None
) -> None:
    shown = residual if uncertainty is None else residual / np.maximum(np.asarray(uncertainty, float), 1e-30)
    axes.axhline(0, color=INK, linewidth=0.7)
    axes.plot(energy, shown, color=SOFT, linewidth=0.6)
    axes.set_ylabel("residual" if uncertainty is None else "residual / σ")
    quiet(axes)


def _caption(components: Sequence[str], unit: str, *, has_fit: bool, has_sd: bool) -> str:
    sentences = [f"Measured spectrum [{unit}] against energy [eV]."]
    if components:
        parts = ", ".join(shown_name(each) for each in components)
        sentences.append(f"Components {parts} stand on the background.")
    if has_fit:
        what = "in standard uncertainties" if has_sd else f"[{unit}]"
        sentences.append(f"Below: measured minus fit, {what}.")
    return " ".join(sentences)
