"""How much of a layered oxide has turned to rock salt, told from its oxygen: of atoms, formula units and volume."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.particles.crystals import crystals, monoxide_volume_A3

#: Oxygen among oxygen and transition metals: MO2 and MO.
LAYERED_OXYGEN = 2 / 3
ROCK_SALT_OXYGEN = 1 / 2
EQUAL_SHARES = MappingProxyType({"Mn": 1 / 3, "Co": 1 / 3, "Ni": 1 / 3})


@dataclass(frozen=True, slots=True)
class RockSaltFraction:
    """
    The part that is rock salt, counted three ways; each with its standard uncertainty.

    Parameters
    ----------
    of_atoms, of_atoms_uncertainty : float
        Of all oxygen and transition-metal atoms [1].
    of_formula_units, of_formula_units_uncertainty : float
        Of all formula units, (TM)O beside Li(TM)O2, which is also of all transition metals [1].
    of_volume, of_volume_uncertainty : float
        Of the volume, with the cells of the pure phases [1].
    of_volume_low, of_volume_high : float
        The same if the rock salt were the monoxide of the smallest or the largest cell [1].
    is_mixture : bool
        The oxygen lies between those of the two phases. Outside, the fractions are below 0 or above 1 and mean that
        noise, calibration or a third phase decides; they are not clipped.
    """

    of_atoms: float
    of_atoms_uncertainty: float
    of_formula_units: float
    of_formula_units_uncertainty: float
    of_volume: float
    of_volume_uncertainty: float
    of_volume_low: float
    of_volume_high: float
    is_mixture: bool


def rock_salt_fraction(
    oxygen_fraction: float,
    *,
    uncertainty: float = 0.0,
    layered_oxygen: float = LAYERED_OXYGEN,
    rock_salt_oxygen: float = ROCK_SALT_OXYGEN,
    metal_shares: Mapping[str, float] = EQUAL_SHARES,
) -> RockSaltFraction:
    """
    Read a mixture of layered oxide and rock salt off its oxygen content.

    Oxygen is linear in the share of atoms. A formula unit of rock salt has two of the counted atoms, one of layered
    oxide three, and they take different room, so the three fractions differ: 61.0 % of oxygen are 34.0 % of atoms,
    43.6 % of formula units and about 30 % of the volume. The publication calls the first one a volume and rounds.

    Parameters
    ----------
    oxygen_fraction : float
        Oxygen over oxygen and transition metals [1].
    uncertainty : float
        Its standard uncertainty [1].
    layered_oxygen, rock_salt_oxygen : float
        The same of the pure phases; `PAPER_OXYGEN` rounds them as published [1].
    metal_shares : mapping of str to float
        Share of Mn, Co and Ni among the metals, for the cell of the mixed rock salt.

    Returns
    -------
    fraction : RockSaltFraction

    Raises
    ------
    InvalidSetting
    """
    if not 0 < rock_salt_oxygen < layered_oxygen < 1:
        raise InvalidSetting("rock salt holds less oxygen than layered oxide, both between 0 and 1: correct them")
    if abs(sum(metal_shares.values()) - 1) > 1e-6 or uncertainty < 0:
        raise InvalidSetting("metal_shares must add up to 1 and the uncertainty not be negative: correct them")
    span = layered_oxygen - rock_salt_oxygen
    atoms, u_atoms = (layered_oxygen - oxygen_fraction) / span, uncertainty / span
    units, slope = _mixed(atoms, 1 / 2, 1 / 3)
    u_units = slope * u_atoms
    layered = crystals()["layered"].formula_volume_A3
    monoxides = {element: monoxide_volume_A3(element) for element in metal_shares}
    mixed = sum(share * monoxides[element] for element, share in metal_shares.items())
    volume, slope = _mixed(units, mixed, layered)
    ends = sorted(_mixed(units, each, layered)[0] for each in (min(monoxides.values()), max(monoxides.values())))
    is_mixture = rock_salt_oxygen <= oxygen_fraction <= layered_oxygen
    return RockSaltFraction(atoms, u_atoms, units, u_units, volume, slope * u_units, ends[0], ends[1], is_mixture)


def _mixed(share: float, of_rock_salt: float, of_layered: float) -> tuple[float, float]:
    """Weigh a share by the amount per unit of each phase; return the new share and how fast it changes."""
    total = share * of_rock_salt + (1 - share) * of_layered
    return share * of_rock_salt / total, of_rock_salt * of_layered / total**2
