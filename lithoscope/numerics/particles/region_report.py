"""Regions rich in an element as labels and a table, beside what noise alone would show."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.arrays import LabelledArray
from lithoscope.numerics.common import InvalidSetting, WrongShape
from lithoscope.numerics.particles.checks import checked_maps, checked_mask
from lithoscope.numerics.particles.regions import RichRegions, rich_regions
from lithoscope.numerics.particles.shells import depth_shells
from lithoscope.tables import Table

Float = NDArray[np.float64]
OXYGEN = "O"


class ParticleRegions(NamedTuple):
    """
    Voxels rich in an element.

    Attributes
    ----------
    rich : LabelledArray
        Labels (c, z, y, x), 1 where a voxel is rich in the element of its map.
    regions : Table
        Share of rich voxels of each map in the whole particle and on its surface, and the share that noise alone makes.
    notes : tuple of str
    """

    rich: LabelledArray
    regions: Table
    notes: tuple[str, ...]


def find_regions(
    particle: ArrayLike,
    composition: ArrayLike,
    uncertainty: ArrayLike | None = None,
    *,
    composition_names: Sequence[str],
    oxygen_percent: float = 80.0,
    metal_percent: float = 16.7,
    voxels_alike: float = 1.0,
    connectivity: int = 6,
    confidence: float = 0.95,
    particle_name: str = "",
    cycles: int | None = None,
) -> ParticleRegions:
    """
    Find voxels above a threshold, strictly, as `rich_regions` does, in the particle and on its surface.

    Parameters
    ----------
    particle : (z, y, x) array
        Above 0 inside.
    composition, uncertainty : (c, z, y, x) array
        Atomic per cent of each element and its standard uncertainty [at%].
    composition_names : sequence of str
        The elements.
    oxygen_percent, metal_percent : float
        A voxel is rich in oxygen, in a metal above these [at%].
    voxels_alike : float
        Voxels that share their noise, by smoothing and reconstruction.
    connectivity : {6, 18, 26}
        Neighbours that decide what is surface.
    confidence : float
        Of the interval of the null [1].

    Returns
    -------
    ParticleRegions
    """
    inside = checked_mask(np.asarray(particle) > 0)
    values = checked_maps(composition, inside.shape)
    if len(values) != len(composition_names):
        raise WrongShape(f"{len(composition_names)} names came with {len(values)} maps: name each map")
    noise = None if uncertainty is None else checked_maps(uncertainty, inside.shape)
    if noise is not None and len(noise) != len(values):
        raise WrongShape("each map of a composition has its own uncertainty: give as many")
    if voxels_alike < 1:
        raise InvalidSetting("voxels_alike starts at 1: a voxel is at least alike to itself")
    places = {"particle": inside, "surface": depth_shells(inside, connectivity=connectivity) == 1}
    labels = np.zeros(values.shape, np.uint8)
    rows: list[dict[str, Any]] = []
    for channel, name in enumerate(composition_names):
        threshold = oxygen_percent if name.split(" ")[0] == OXYGEN else metal_percent
        for where, mask in places.items():
            found = rich_regions(
                np.asarray(composition)[channel],
                mask,
                threshold=threshold,
                noise_sd=None if noise is None else np.nan_to_num(noise[channel]),
                independent_voxels=max(float(mask.sum()) / voxels_alike, 1.0),
                confidence=confidence,
            )
            rows.append({"particle": particle_name, "cycles": cycles, "map": name, "where": where} | _row(found))
            if where == "particle":
                labels[channel] = found.rich
    rich = LabelledArray(labels, "czyx", labels={"c": tuple(composition_names)})
    return ParticleRegions(rich, _table(rows), _notes(rows, is_known=noise is not None))


def _row(found: RichRegions) -> dict[str, Any]:
    percent = {
        "rich_percent": found.fraction,
        "null_percent": found.null_fraction,
        "null_low_percent": found.null_low,
        "null_high_percent": found.null_high,
    }
    return {
        "threshold_at_percent": found.threshold,
        "voxels": found.voxels,
        "rich_voxels": found.rich_voxels,
        **{name: 100 * float(value) if np.isfinite(value) else None for name, value in percent.items()},
        "is_above_null": found.is_above_null,
    }


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    units = {name: "%" if name.endswith("_percent") else "1" for name in columns}
    return Table(columns, units | {"threshold_at_percent": "at%"})


def _notes(rows: Sequence[Mapping[str, Any]], *, is_known: bool) -> tuple[str, ...]:
    """Say what noise explains, or that nobody knows."""
    if not is_known:
        unknown = (
            "noise-unknown: without the uncertainty of the composition nobody can tell rich voxels from noise; "
            "make the composition with replicates"
        )
        return (unknown,)
    return tuple(
        f"no-more-than-noise: {row['map']}-rich voxels in the {row['where']} are no more than noise makes in a "
        "particle of one composition"
        for row in rows
        if row["rich_voxels"] and row["is_above_null"] is False
    )
