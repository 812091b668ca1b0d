"""Tables beside volumes of composition: the mean, the level of each tilt, and what left the particle."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lithoscope.numerics.eds.errors import ElementMismatch
from lithoscope.numerics.eds.fit_tables import ANGLE, TILT, numbers
from lithoscope.numerics.eds.normalisation import TiltFactors
from lithoscope.numerics.eds.series import Float, Maps
from lithoscope.numerics.eds.tomography import ElementVolumes
from lithoscope.tables import Line, Plot, Table

#: Angles of two tables that are this near are of one tilt [deg].
SAME_TILT_DEG = 0.05


def elements_table(found: ElementVolumes, common: NDArray[np.floating[Any]]) -> Table:
    """
    Tabulate the mean composition of a particle.

    Parameters
    ----------
    found : ElementVolumes
    common : (f,) array
        Uncertainty of the mean by k-factors; NaN if unknown, and then that of the mean is unknown, too [at%].
    """
    counted = np.full(len(found.mean), np.nan) if found.mean_uncertainty is None else found.mean_uncertainty
    inside = found.composition.percent[:, found.composition.valid]
    columns: dict[str, list[Any]] = {
        "element": list(found.composition.elements),
        "mean": numbers(found.mean),
        "mean_uncertainty": numbers(np.hypot(counted, common)),
        "by_counting": numbers(counted),
        "by_k_factors": numbers(np.asarray(common, np.float64)),
        "sd_of_voxels": numbers(inside.std(axis=1)),
    }
    return Table(columns, {name: "1" if name == "element" else "at%" for name in columns})


def tilt_factors_table(level: TiltFactors, families: Sequence[str], angles_deg: Float) -> Table:
    """Tabulate by what the maps of each tilt were multiplied, and what each family alone would have said."""
    columns: dict[str, list[Any]] = {
        TILT: list(range(len(angles_deg))),
        ANGLE: numbers(angles_deg),
        "factor": numbers(level.factors),
        "factor_sd": numbers(level.uncertainty),
    }
    columns |= {name: numbers(row) for name, row in zip(families, level.element_factors, strict=True)}
    units = {name: "deg" if name == ANGLE else "1" for name in columns}
    lines = (Line("factor", error="factor_sd", title="used"), *(Line(name, kind="points") for name in families))
    return Table(columns, units, plot=Plot(ANGLE, lines, title="Level of each tilt", y_title="factor"))


def absorption_table(passed: Maps, maps: Maps, families: Sequence[str], angles_deg: Float) -> Table:
    """Tabulate which part of each family's X-rays left the particle at each tilt."""
    weights = np.maximum(maps, 0)
    made = (weights / passed).sum(axis=(2, 3), dtype=np.float64)
    seen = weights.sum(axis=(2, 3), dtype=np.float64)
    share = np.divide(seen, made, out=np.full(made.shape, np.nan), where=made > 0)
    columns: dict[str, list[Any]] = {ANGLE: numbers(angles_deg)}
    columns |= {name: numbers(row) for name, row in zip(families, share, strict=True)}
    lines = tuple(Line(name) for name in families)
    plot = Plot(ANGLE, lines, title="X-rays that leave the particle", y_title="part")
    return Table(columns, {name: "deg" if name == ANGLE else "1" for name in columns}, plot=plot)


def sums_of(table: Table, families: Sequence[str], angles_deg: Float) -> Float:
    """
    Read the photons of each tilt back from a table (f, t).

    Raises
    ------
    ElementMismatch
        The table lacks a family, or is of other tilts.
    """
    if missing := [name for name in families if name not in table.columns]:
        raise ElementMismatch(f"sums: the table has no column of {missing[0]}: give the sums of the same fit")
    given = table.columns.get(ANGLE, [])
    if len(given) != len(angles_deg) or not np.allclose(given, angles_deg, rtol=0, atol=SAME_TILT_DEG):
        raise ElementMismatch(
            f"sums: the table has {len(given)} tilts, the maps {len(angles_deg)}, or other angles: give those of the "
            "same series in the same order"
        )
    columns = [[np.nan if value is None else value for value in table.columns[name]] for name in families]
    return np.array(columns, np.float64)
