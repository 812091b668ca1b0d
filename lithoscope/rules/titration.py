"""Titration gas chromatography: hydrogen in a bottle tells how much metallic lithium met the water."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from lithoscope.errors import ScienceError
from lithoscope.units import Quantity

GAS_CONSTANT_J_PER_MOL_K = 8.31446261815324  # exact, SI 2019
FARADAY_C_PER_MOL = 96485.33212331001  # exact, SI 2019: e N_A
LITHIUM_MG_PER_MMOL = 6.941  # Li, the molar mass the published method uses; IUPAC gives 6.938 to 6.997
LITHIUM_G_PER_CM3 = 0.534  # CRC Handbook of Chemistry and Physics, 20 °C
LITHIUM_PER_HYDROGEN = 2  # 2 Li + 2 H2O -> 2 LiOH + H2
FEWEST_REPLICATES = 3  # 004, TGC: "At least three samples were tested for each measure point"
HYDRIDE = "lithium hydride gives hydrogen as well and counts as metallic lithium"


class ImpossibleTitration(ScienceError):
    """A bottle, a fraction or an amount that no titration can have."""

    code = "impossible-titration"


@dataclass(frozen=True, slots=True)
class Bottle:
    """
    The closed bottle in which lithium meets water.

    Parameters
    ----------
    volume_mL, water_mL : float
        Inner volume and injected water [mL].
    pressure_Pa, temperature_K : float
        Of the inert gas when the bottle was closed [Pa, K].
    is_vented : bool
        Gas was let out while the water went in. Else the water enters a bottle that is already sealed, and all the gas
        it was sealed with stays: the volume of the water then does not count.

    Raises
    ------
    ImpossibleTitration
        A measure is not above zero, or the water fills the bottle.
    """

    volume_mL: float
    water_mL: float
    pressure_Pa: float
    temperature_K: float
    is_vented: bool = False

    def __post_init__(self) -> None:
        for name in ("volume_mL", "pressure_Pa", "temperature_K"):
            if not 0 < getattr(self, name) < inf:
                raise ImpossibleTitration(f"{name} of the bottle must be above zero: correct it")
        if not 0 <= self.water_mL < self.volume_mL:
            raise ImpossibleTitration("water_mL must leave room for gas: it is less than the bottle's volume")

    @property
    def inert_gas_umol(self) -> float:
        """Return how much inert gas the hydrogen mixes with [umol]."""
        volume_mL = self.volume_mL - self.water_mL if self.is_vented else self.volume_mL
        return self.pressure_Pa * volume_mL / (GAS_CONSTANT_J_PER_MOL_K * self.temperature_K)


@dataclass(frozen=True, slots=True)
class TitratedLithium:
    """
    What one bottle says.

    Parameters
    ----------
    hydrogen, lithium, charge : Quantity
        Hydrogen [umol], metallic lithium [mg] and its charge [mAh].
    charge_per_area, thickness : Quantity
        The same per electrode area [mAh/cm²] and as a dense layer [um]; unknown without an area.
    """

    hydrogen: Quantity
    lithium: Quantity
    charge: Quantity
    charge_per_area: Quantity
    thickness: Quantity


def hydrogen_umol(fraction: float, bottle: Bottle) -> float:
    """
    Return the hydrogen [umol] that makes up a mole fraction of a bottle's gas.

    The fraction is of the mixture, so n(H2) = y / (1 - y) times the inert gas.
    """
    if not 0 <= fraction < 1:
        raise ImpossibleTitration("the fraction of hydrogen is from 0 to below 1: a percentage is divided by 100")
    return fraction / (1 - fraction) * bottle.inert_gas_umol


def hydrogen_fraction(amount_umol: float, bottle: Bottle) -> float:
    """Return the mole fraction of a bottle's gas that an amount of hydrogen [umol] makes up."""
    _refuse_negative(amount_umol)
    return amount_umol / (amount_umol + bottle.inert_gas_umol)


def lithium_mg(hydrogen_amount_umol: float) -> float:
    """Return the metallic lithium [mg] that gave an amount of hydrogen [umol]."""
    _refuse_negative(hydrogen_amount_umol)
    return LITHIUM_PER_HYDROGEN * hydrogen_amount_umol * 1e-3 * LITHIUM_MG_PER_MMOL


def hydrogen_of_lithium_umol(mass_mg: float) -> float:
    """Return the hydrogen [umol] that a mass of metallic lithium [mg] gives."""
    _refuse_negative(mass_mg)
    return mass_mg / (LITHIUM_PER_HYDROGEN * 1e-3 * LITHIUM_MG_PER_MMOL)


def charge_mAh(mass_mg: float) -> float:
    """Return the charge [mAh] of a mass of lithium [mg], one electron an atom."""
    _refuse_negative(mass_mg)
    return mass_mg / LITHIUM_MG_PER_MMOL * FARADAY_C_PER_MOL / 3600


def lithium_of_charge_mg(charge: float) -> float:
    """Return the mass of lithium [mg] that a charge [mAh] plates."""
    _refuse_negative(charge)
    return charge * 3600 / FARADAY_C_PER_MOL * LITHIUM_MG_PER_MMOL


def thickness_um(mass_mg: float, area_cm2: float) -> float:
    """Return how thick a dense layer of this mass [mg] on this area [cm²] is [um]."""
    _refuse_negative(mass_mg)
    if not 0 < area_cm2 < inf:
        raise ImpossibleTitration("the electrode's area must be above zero: leave it out if it is not known")
    return mass_mg * 1e-3 / LITHIUM_G_PER_CM3 / area_cm2 * 1e4


def inventory_loss(mass_mg: float, fresh_mg: float) -> float:
    """Return the fraction of the lithium lost; negative when more is found than there was at first."""
    _refuse_negative(mass_mg)
    if not 0 < fresh_mg < inf:
        raise ImpossibleTitration("the loss is counted from a mass above zero: titrate a fresh electrode")
    return 1 - mass_mg / fresh_mg


def lithium_of_fraction(fraction: Quantity, bottle: Bottle) -> Quantity:
    """Turn a mole fraction of hydrogen [%] into metallic lithium [mg], its interval and uncertainty with it."""
    if fraction.value is None:
        return Quantity.unknown("mg", fraction.note)

    def mass_mg(percent: float) -> float:
        return lithium_mg(hydrogen_umol(max(0.0, percent / 100), bottle))

    slope = 1 / (1 - fraction.value / 100)  # of n(H2) in y, besides the ratio itself
    relative = None if not fraction.value or fraction.uncertainty is None else fraction.uncertainty / fraction.value
    mass = mass_mg(fraction.value)
    return Quantity(
        mass,
        "mg",
        fraction.source,
        uncertainty=None if relative is None else mass * relative * slope,
        interval=None if fraction.interval is None else (mass_mg(fraction.interval[0]), mass_mg(fraction.interval[1])),
        note=fraction.note,
    )


def account_titration(lithium: Quantity, *, area_cm2: float | None = None) -> TitratedLithium:
    """
    Say in every unit how much metallic lithium a bottle held.

    Parameters
    ----------
    lithium : Quantity
        Mass [mg] with its interval.
    area_cm2 : float, optional
        Area of the electrode [cm²].
    """
    charge = _in_unit(lithium, "mAh", charge_mAh)
    if area_cm2 is None:
        bare, thin = (Quantity.unknown(unit, "the electrode's area is not recorded") for unit in ("mAh/cm^2", "um"))
    else:
        thin = _in_unit(lithium, "um", lambda mass: thickness_um(mass, area_cm2))
        bare = _in_unit(charge, "mAh/cm^2", lambda value: value / area_cm2)
    return TitratedLithium(_in_unit(lithium, "umol", hydrogen_of_lithium_umol), lithium, charge, bare, thin)


def _in_unit(given: Quantity, unit: str, turn: Callable[[float], float]) -> Quantity:
    """Turn a quantity into one in proportion to it."""
    if given.value is None:
        return Quantity.unknown(unit, given.note)
    return Quantity(
        turn(given.value),
        unit,
        given.source,
        uncertainty=None if given.uncertainty is None else turn(given.uncertainty),
        interval=None if given.interval is None else (turn(given.interval[0]), turn(given.interval[1])),
        note=given.note,
    )


def _refuse_negative(amount: float) -> None:
    if not 0 <= amount < inf:
        raise ImpossibleTitration("an amount is zero or above, and finite: correct it")
