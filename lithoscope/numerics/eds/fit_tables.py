"""Tables of what was counted: sums of the tilts, the mean spectrum and its parts, what windows mix."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.eds.fitting import FitDesign, spectrum_parts
from lithoscope.numerics.eds.series import Float, LineMaps
from lithoscope.tables import Line, Plot, Table

ANGLE, TILT, ENERGY = "angle_deg", "tilt", "energy_eV"
#: Follows a family's name in the column of its standard uncertainty.
UNCERTAINTY = "_sd"


def sums_table(found: LineMaps, angles_deg: Float | None) -> Table:
    """
    Tabulate photons of each tilt and family over the field, with their standard uncertainty.

    Parameters
    ----------
    found : LineMaps
    angles_deg : (t,) array or None
        None for an image, whose only row is tilt 0.
    """
    columns: dict[str, list[Any]] = {TILT: list(range(found.sums.shape[1]))}
    units = {TILT: "1"}
    if angles_deg is not None:
        columns[ANGLE], units[ANGLE] = numbers(angles_deg), "deg"
    for name, sums, variance in zip(found.families, found.sums, found.sums_variance, strict=True):
        columns[name], columns[name + UNCERTAINTY] = numbers(sums), numbers(np.sqrt(variance))
        units[name] = units[name + UNCERTAINTY] = "counts"
    columns["misfit"], units["misfit"] = numbers(found.misfit), "1"
    lines = tuple(Line(name, error=name + UNCERTAINTY, title=name) for name in found.families)
    plot = Plot(TILT if angles_deg is None else ANGLE, lines, title="Photons of each tilt", y_title="photons")
    return Table(columns, units, plot=plot)


def spectrum_table(found: LineMaps, axis: EnergyAxis, *, pixels: int, design: FitDesign | None) -> Table:
    """
    Tabulate the mean raw spectrum of a pixel with its fit, background and families.

    Parameters
    ----------
    found : LineMaps
    axis : EnergyAxis
        Of the whole spectra.
    pixels : int
        In each tilt.
    design : FitDesign or None
        What was fitted; windows have no model of the spectrum.
    """
    done = np.isfinite(found.field).all(axis=1)
    total = found.field[done].sum(axis=0)
    each = max(int(done.sum()) * pixels, 1)
    columns = {ENERGY: numbers(axis.energies_eV[found.channels])}
    columns |= {"mean": numbers(total / each), "mean_sd": numbers(np.sqrt(total) / each)}
    lines = [Line("mean", error="mean_sd", title="mean of all pixels", kind="step")]
    if design is not None:
        *families, background = spectrum_parts(total, design) / each
        columns |= {"fit": numbers(sum(families) + background), "background": numbers(background)}
        columns |= {name: numbers(part) for name, part in zip(found.families, families, strict=True)}
        lines += [Line(name, title=name) for name in ("fit", "background", *found.families)]
    units = {name: "eV" if name == ENERGY else "counts" for name in columns}
    title = "Mean spectrum of a pixel, raw counts"
    return Table(columns, units, plot=Plot(ENERGY, tuple(lines), title=title, x_title="energy", y_title="counts"))


def crosstalk_table(found: LineMaps) -> Table:
    """Tabulate what each map (row) takes for its own of every photon of another family (column)."""
    columns: dict[str, list[Any]] = {"map": list(found.families)}
    columns |= {name: numbers(found.crosstalk[:, place]) for place, name in enumerate(found.families)}
    return Table(columns, dict.fromkeys(columns, "1"))


def numbers(values: NDArray[np.floating[Any]]) -> list[float | None]:
    """Write numbers as a table holds them; what is not finite is empty."""
    return [float(value) if np.isfinite(value) else None for value in np.asarray(values)]
