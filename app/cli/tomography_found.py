"""What the tomography demonstration found of a particle, beside what was planted in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from app.cli.tomography_run import TITLES, Particle
from lithoscope.client.outputs import Array
from lithoscope.numerics.particles.profile_report import profile_particle
from lithoscope.numerics.particles.shells import depth_shells
from lithoscope.numerics.twins.recovery import Recovery, recoveries
from lithoscope.readers import read
from lithoscope.tables import Line, Plot, Table

ELEMENTS = ("O", "Mn", "Co", "Ni")
VALENCES = ("Mn4+", "Mn3+", "Mn2+", "Co3+", "Co2+")
Volume = NDArray[np.float32]
HALF_INTERVAL = "half the 95 % interval; where it begins at zero, its ends are zero and the upper limit"


@dataclass(frozen=True)
class Found:
    """
    A particle's volumes and tables, measured and planted.

    Parameters
    ----------
    particle : Particle
        With the finished run of the recipe.
    """

    particle: Particle

    @property
    def title(self) -> str:
        """Return the particle's state in words."""
        return TITLES[self.particle.state]

    @property
    def voxel_nm(self) -> float:
        """Return the edge of a voxel [nm]."""
        return float(self.output("composition", "composition").spacing["x"].value or 0)

    def output(self, step: str, name: str) -> Array:
        """Return an output of a step."""
        return self.particle.run.result(step).outputs[name]

    def values(self, step: str, name: str) -> NDArray[Any]:
        """Return the values of an output of a step."""
        return np.asarray(self.output(step, name).to_xarray().values)

    def table(self, step: str, name: str) -> Table:
        """Return a table of a step as methods return it."""
        return table_of(self.output(step, name))

    def series(self, name: str) -> NDArray[Any]:
        """Return images of the series as recorded."""
        return np.asarray(self.particle.dataset.arrays[name].to_xarray().values)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Return the particle that was found."""
        return np.asarray(self.values("particle", "labels") > 0)

    @cached_property
    def composition(self) -> Volume:
        """Return the measured composition (4, z, y, x) [at%]."""
        return self.values("composition", "composition")

    @cached_property
    def valence(self) -> Volume:
        """Return the measured parts of the states of Mn and Co (5, z, y, x) [1]."""
        return np.concatenate([self.values(f"{metal}_valence", "fractions") for metal in ("manganese", "cobalt")])

    def planted(self, name: str) -> Volume:
        """Return a planted volume."""
        return np.asarray(read(self.particle.files.truth[name]).arrays[0].values)

    @cached_property
    def planted_mask(self) -> NDArray[np.bool_]:
        """Return the particle that was planted, its pores filled as those of a measured one are."""
        return np.asarray(ndimage.binary_fill_holes(self.planted("occupancy") > 0.5))

    @cached_property
    def figures(self) -> dict[str, Any]:
        """Return the planted figures of the whole particle."""
        known: dict[str, Any] = json.loads(self.particle.files.figures.read_text(encoding="utf-8"))
        return known

    @cached_property
    def recoveries(self) -> list[Recovery]:
        """Compare every map with the truth."""
        occupancy = self.planted("occupancy")
        return [
            each
            for names, found, planted in (
                (ELEMENTS, self.composition, self.planted("composition")),
                (VALENCES, self.valence, self.planted("valence")),
            )
            for each in recoveries(found, planted, particle=self.mask, occupancy=occupancy, names=names)
        ]

    def rich_percent(self, where: str) -> dict[str, tuple[float | None, float]]:
        """Return which share of the particle or its surface is rich in each element, measured and planted [%]."""
        table = self.table("rich_regions", "regions").columns
        rows = zip(table["map"], table["where"], table["threshold_at_percent"], table["rich_percent"], strict=True)
        inside = self.planted_mask if where == "particle" else depth_shells(self.planted_mask) == 1
        truth = dict(zip(ELEMENTS, self.planted("composition")[:, inside], strict=True))
        return {
            name: (rich, 100 * float(np.mean(truth[name][np.isfinite(truth[name])] > limit)))
            for name, there, limit, rich in rows
            if there == where
        }

    def scatter(self, names: Sequence[str], *, is_planted: bool) -> Table:
        """Return the standard deviation within each shell, with noise and without, measured and planted [at%]."""
        if is_planted:
            known = self.profiles(ELEMENTS, is_planted=True).columns
            columns = {"depth_nm": known["depth_nm"]}
            for name in names:
                columns |= {name: known[f"{name}_sd"], f"{name}_true": known[f"{name}_sd"]}
        else:
            columns = measured_scatter(self.table("inhomogeneity", "shells"), names)
        lines = [Line(name, title=f"{name}, with noise") for name in names]
        bars = "" if is_planted else "_bar"
        lines += [
            Line(f"{name}_true", error=bars and name + bars, title=f"{name}, without noise", error_words=HALF_INTERVAL)
            for name in names
        ]
        return Table(columns, dict.fromkeys(columns, "at%") | {"depth_nm": "nm"}, Plot("depth_nm", tuple(lines)))

    def profiles(self, names: tuple[str, ...], *, is_planted: bool) -> Table:
        """Return depth profiles of elements [at%] or states [1]."""
        is_composition = set(names) <= set(ELEMENTS)
        if is_planted:
            volume, mask = self.planted("composition" if is_composition else "valence"), self.planted_mask
        else:
            volume, mask = self.composition if is_composition else self.valence, self.mask
        every = ELEMENTS if is_composition else VALENCES
        chosen = volume[[every.index(name) for name in names]]
        unit = "at%" if is_composition else "1"
        made = profile_particle(mask, [chosen], self.voxel_nm, volumes_names=[names], volumes_units=[unit])
        return made.profiles


def measured_scatter(table: Table, names: Sequence[str]) -> dict[str, list[Any]]:
    """Take the scatter of maps out of the table of shells: with noise, and without it with half its interval."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in zip(*table.columns.values(), strict=True)]
    found: dict[str, list[Any]] = {}
    for name in names:
        own = [row for row in rows if row["map"] == name]
        found["depth_nm"] = [row["depth_nm"] for row in own]
        found[name] = [row["raw"] for row in own]
        told = [_without_noise(row) for row in own]
        found[f"{name}_true"], found[f"{name}_bar"] = ([each[place] for each in told] for place in (0, 1))
    return found


def _without_noise(row: dict[str, Any]) -> tuple[float | None, float | None]:
    """Return a scatter with half its interval; one that may be zero reaches from there to its upper limit."""
    if row["is_upper_limit"] and row["upper_limit"] is not None:
        return row["upper_limit"] / 2, row["upper_limit"] / 2
    if row["corrected"] is None or row["corrected_low"] is None or row["corrected_high"] is None:
        return row["corrected"], None
    return row["corrected"], (row["corrected_high"] - row["corrected_low"]) / 2


def table_of(array: Array) -> Table:
    """Return a table with its units and plot."""
    plot = array.summary.get("plot")
    return Table(array.table(), dict(array.summary["columns"]), plot=Plot.from_json(plot) if plot else None)
