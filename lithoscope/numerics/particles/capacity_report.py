"""Capacity retention of a cell as a table that is drawn."""

from dataclasses import replace
from typing import NamedTuple

from lithoscope.numerics.particles.capacity import capacity_retention
from lithoscope.numerics.particles.comparison_reading import CYCLE, UNCERTAINTY, cycling_columns
from lithoscope.tables import Line, Plot, Table
from lithoscope.units import Quantity


class RetentionCurve(NamedTuple):
    """
    What is left of a cell's capacity.

    Attributes
    ----------
    retention : Table
    lost : Quantity
        At the last cycle [1].
    notes : tuple of str
    """

    retention: Table
    lost: Quantity
    notes: tuple[str, ...]


def retention_curve(
    cycling: Table, *, reference_cycle: int | None = None, uncertainty_mAh_per_g: float = 0.0
) -> RetentionCurve:
    """
    Compare the capacity of each cycle with a reference cycle as `capacity_retention` does, which says what is refused.

    Parameters
    ----------
    cycling : Table
        Columns ``cycle`` and ``discharge_capacity_mAh_g``; other names of a capacity are known, too.

    Returns
    -------
    RetentionCurve
    """
    cycles, capacities = cycling_columns(cycling)
    found = capacity_retention(
        cycles, capacities, uncertainty_mAh_per_g=uncertainty_mAh_per_g, reference_cycle=reference_cycle
    )
    plot = Plot(
        x=CYCLE,
        lines=(Line("retention", error=UNCERTAINTY, title="Share left"),),
        title=f"Capacity over that of cycle {found.reference_cycle}",
        x_title="Cycle",
        y_title="Capacity retention",
    )
    last = int(found.cycle[-1])
    is_known = uncertainty_mAh_per_g > 0
    lost = Quantity(
        float(found.lost[-1]),
        "1",
        "measured",
        uncertainty=float(found.uncertainty[-1]) if is_known else None,
        note=f"after cycle {last}, of the capacity in cycle {found.reference_cycle}",
    )
    notes = () if is_known else ("uncertainty-unknown: nobody stated how well one capacity compares with another",)
    columns = found.table().columns
    if not is_known:
        columns[UNCERTAINTY] = [None] * len(found.cycle)
    return RetentionCurve(replace(found.table(), columns=columns, plot=plot), lost, notes)
