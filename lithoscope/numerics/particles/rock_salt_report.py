"""Rock salt in a particle as a table of three named fractions and a map of the local one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lithoscope.numerics.common import EmptyMask, InvalidSetting, WrongShape
from lithoscope.numerics.particles.checks import checked_maps, checked_mask
from lithoscope.numerics.particles.errors import ProfileMismatch
from lithoscope.numerics.particles.published import PAPER_OXYGEN
from lithoscope.numerics.particles.rock_salt import LAYERED_OXYGEN, ROCK_SALT_OXYGEN, rock_salt_fraction
from lithoscope.numerics.particles.shells import depth_shells
from lithoscope.tables import Table
from lithoscope.units import Quantity

Float = NDArray[np.float64]
OXYGEN, METALS = "O", ("Mn", "Co", "Ni")
KINDS = ("atoms", "formula_units", "volume")


class ParticleRockSalt(NamedTuple):
    """
    How much of a particle is rock salt.

    Attributes
    ----------
    rock_salt : Table
        Of atoms, formula units and volume, in the particle and on its surface [%].
    of_atoms, of_formula_units, of_volume : Quantity
        Of the whole particle [%].
    fraction : (z, y, x) array of float32
        Of the atoms of each voxel [1]; 0 outside, NaN without a composition; noise carries it below 0 and above 1.
    notes : tuple of str
    """

    rock_salt: Table
    of_atoms: Quantity
    of_formula_units: Quantity
    of_volume: Quantity
    fraction: NDArray[np.float32]
    notes: tuple[str, ...]


def find_rock_salt(
    particle: ArrayLike,
    composition: ArrayLike,
    *,
    composition_names: Sequence[str],
    oxygen_uncertainty_percent: float = 0.5,
    rounded_oxygen: bool = False,
    connectivity: int = 6,
    particle_name: str = "",
    cycles: int | None = None,
) -> ParticleRockSalt:
    """
    Tell rock salt from layered oxide by the oxygen as `rock_salt_fraction` does, in the particle and on its surface.

    Parameters
    ----------
    particle : (z, y, x) array
        Above 0 inside.
    composition : (c, z, y, x) array
        Atomic per cent of oxygen and metals [at%].
    composition_names : sequence of str
        The elements; O and at least one of Mn, Co, Ni.
    oxygen_uncertainty_percent : float
        Standard uncertainty of the mean oxygen, common to all voxels: of k-factors and absorption [at%].
    rounded_oxygen : bool
        Take the oxygen of the pure phases as published, 66.7 and 50.0 %, instead of 2/3 and 1/2.
    connectivity : {6, 18, 26}
        Neighbours that decide what is surface.

    Returns
    -------
    ParticleRockSalt

    Raises
    ------
    ProfileMismatch
        No oxygen or no metal among the maps.
    """
    inside = checked_mask(np.asarray(particle) > 0)
    values = checked_maps(composition, inside.shape)
    if len(values) != len(composition_names):
        raise WrongShape(f"{len(composition_names)} names came with {len(values)} maps: name each map")
    if oxygen_uncertainty_percent < 0:
        raise InvalidSetting("the uncertainty of the oxygen is not negative: correct it")
    maps = {name.split(" ")[0]: value for name, value in zip(composition_names, values, strict=True)}
    metals = [name for name in METALS if name in maps]
    if OXYGEN not in maps or not metals:
        raise ProfileMismatch("rock salt is told from oxygen beside Mn, Co or Ni: give their maps")
    pure = dict(PAPER_OXYGEN) if rounded_oxygen else _exact()
    known = inside & np.isfinite([maps[name] for name in (OXYGEN, *metals)]).all(axis=0)
    if not known.any():
        raise EmptyMask("no voxel of the particle has a composition: look at the maps")
    if min(float(maps[OXYGEN][known].mean()), float(sum(maps[name][known].mean() for name in metals))) <= 0:
        raise EmptyMask("the particle holds no oxygen or no metal above zero: look at the maps")
    places = {"particle": known, "surface": known & (depth_shells(inside, connectivity=connectivity) == 1)}
    rows: list[dict[str, Any]] = []
    for where, mask in places.items():
        row = _row(maps, metals, mask, uncertainty=oxygen_uncertainty_percent, pure=pure)
        rows.append({"particle": particle_name, "cycles": cycles, "where": where} | row)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    units = {name: "at%" if name.startswith("oxygen") else "%" if "percent" in name else "1" for name in columns}
    atoms, formula_units, volume = (_scalar(rows[0], kind) for kind in KINDS)
    local = _local(maps, metals, inside, pure)
    return ParticleRockSalt(Table(columns, units), atoms, formula_units, volume, local, _notes(rows, inside, known))


def _scalar(row: dict[str, Any], kind: str) -> Quantity:
    return Quantity(
        row[f"of_{kind}_percent"],
        "%",
        "measured",
        uncertainty=row[f"of_{kind}_uncertainty_percent"],
        note=f"of all {kind.replace('_', ' ')}, told from the mean oxygen of the particle",
    )


def _exact() -> dict[str, float]:
    return {"layered_oxygen": LAYERED_OXYGEN, "rock_salt_oxygen": ROCK_SALT_OXYGEN}


def _row(
    maps: dict[str, Float],
    metals: Sequence[str],
    mask: NDArray[np.bool_],
    *,
    uncertainty: float,
    pure: dict[str, float],
) -> dict[str, Any]:
    """Return oxygen and the three fractions of a region; null where no voxel has a composition."""
    n = int(mask.sum())
    if n == 0:
        nothing = {f"of_{kind}{end}_percent": None for kind in KINDS for end in ("", "_uncertainty")}
        return {"oxygen_percent": None, "oxygen_uncertainty_percent": None, "voxels": 0, **nothing} | _ends(
            None, None, None
        )
    means = {name: float(maps[name][mask].mean()) for name in (OXYGEN, *metals)}
    total = sum(means.values())
    oxygen = means[OXYGEN] / total
    spread = float(maps[OXYGEN][mask].std(ddof=1)) / np.sqrt(n) if n > 1 else 0.0
    reach = float(np.hypot(uncertainty, spread)) / 100
    shares = {name: means[name] / (total - means[OXYGEN]) for name in metals}
    told = rock_salt_fraction(oxygen, uncertainty=reach, metal_shares=shares, **pure)
    row: dict[str, Any] = {
        "oxygen_percent": 100 * oxygen,
        "oxygen_uncertainty_percent": 100 * reach,
        "voxels": n,
    }
    for kind in KINDS:
        row[f"of_{kind}_percent"] = 100 * float(getattr(told, f"of_{kind}"))
        row[f"of_{kind}_uncertainty_percent"] = 100 * float(getattr(told, f"of_{kind}_uncertainty"))
    return row | _ends(100 * told.of_volume_low, 100 * told.of_volume_high, told.is_mixture)


def _ends(low: float | None, high: float | None, is_mixture: bool | None) -> dict[str, Any]:  # noqa: FBT001 - a column
    return {"of_volume_low_percent": low, "of_volume_high_percent": high, "is_mixture": is_mixture}


def _local(
    maps: dict[str, Float], metals: Sequence[str], inside: NDArray[np.bool_], pure: dict[str, float]
) -> NDArray[np.float32]:
    """Return the share of the atoms of each voxel that is rock salt."""
    total = maps[OXYGEN] + np.sum([maps[name] for name in metals], axis=0)
    oxygen = np.divide(maps[OXYGEN], total, out=np.full(total.shape, np.nan), where=total > 0)
    share = (pure["layered_oxygen"] - oxygen) / (pure["layered_oxygen"] - pure["rock_salt_oxygen"])
    return np.where(inside, share, 0.0).astype(np.float32)


def _notes(rows: Sequence[dict[str, Any]], inside: NDArray[np.bool_], known: NDArray[np.bool_]) -> tuple[str, ...]:
    """Say where two phases do not explain the oxygen, and what has no composition."""
    notes = [
        f"no-mixture: the oxygen of the {row['where']} lies outside layered oxide and rock salt; noise, calibration or "
        "another phase decides, and the fractions are not clipped"
        for row in rows
        if row["is_mixture"] is False
    ]
    if missing := int((inside & ~known).sum()):
        notes.append(f"voxels-without-value: {missing / int(inside.sum()):.1%} of the particle has no composition")
    return tuple(notes)
