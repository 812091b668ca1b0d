"""Gas that met a surface: flux by kinetic theory in SI, and exposure in langmuir."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import pi, sqrt

from lithoscope.errors import ScienceError
from lithoscope.rules.chain import Stay
from lithoscope.units import Quantity, weakest
from lithoscope.wording import number, plain, unit

BOLTZMANN_J_PER_K = 1.380649e-23  # exact, SI 2019
AVOGADRO_PER_MOL = 6.02214076e23  # exact, SI 2019
ATMOSPHERE_Pa = 101_325.0  # exact, 10th CGPM 1954
LANGMUIR_Pa_s = 1e-6 * ATMOSPHERE_Pa / 760  # 1e-6 torr s = 1.33e-4 Pa s
IMPURITY = {"O2": "o2_ppm", "H2O": "h2o_ppm"}


class UnknownGas(ScienceError):
    """A gas whose molar mass is not in the table."""

    code = "unknown-gas"


class ImpossibleGas(ScienceError):
    """A pressure or temperature no gas can have."""

    code = "impossible-gas"


@cache
def gases() -> dict[str, dict[str, float]]:
    """Read the table of gases, by formula."""
    text = (resources.files("lithoscope.rules") / "tables" / "gases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def flux_per_m2_s(gas: str, *, pressure_Pa: float, temperature_K: float) -> float:
    """
    Return the molecules that hit a square metre per second [m^-2 s^-1].

    Hertz-Knudsen: p / sqrt(2 pi m k T), m in kilograms. The mass is looked up by the gas's formula, so that none can be
    given without its unit.
    """
    if gas not in gases():
        raise UnknownGas(f"no molar mass is tabulated for this gas: choose one of {', '.join(gases())}")
    if not pressure_Pa >= 0 or not temperature_K > 0:
        raise ImpossibleGas("a gas has a pressure of zero or above and a temperature above zero: correct them")
    mass_kg = gases()[gas]["molar_mass_g_per_mol"] * 1e-3 / AVOGADRO_PER_MOL
    return pressure_Pa / sqrt(2 * pi * mass_kg * BOLTZMANN_J_PER_K * temperature_K)


def langmuir(*, pressure_Pa: float, seconds: float) -> float:
    """Return the exposure to a gas of a (partial) pressure [L]; 1 L is 1e-6 torr s."""
    if not pressure_Pa >= 0 or not seconds >= 0:
        raise ImpossibleGas("a gas has a pressure and a time of zero or above: correct them")
    return pressure_Pa * seconds / LANGMUIR_Pa_s


def langmuir_per_s(*, ppm: float, pressure_Pa: float) -> float:
    """Return the exposure per second to an impurity of a gas at a total pressure [L/s]; 0.1 ppm at 1 atm is 76 L/s."""
    return langmuir(pressure_Pa=ppm * 1e-6 * pressure_Pa, seconds=1.0)


@dataclass(frozen=True, slots=True)
class _Share:
    """Exposure during one stay [L]: between two bounds, of which the upper may be unknown."""

    lower: float
    upper: float | None
    why: str = ""


def gas_exposure(stays: Sequence[Stay], gas: str, *, outside: Sequence[str] = ()) -> Quantity:
    """
    Add up the exposure to oxygen or water vapour over stays [langmuir].

    Pressure and fraction must be recorded, else the sum is unknown; its note then says what is missing, and its
    interval the bounds that what is recorded leaves, when it leaves any.

    Parameters
    ----------
    stays : sequence of Stay
        What met the sample, stretch by stretch.
    gas : {"O2", "H2O"}
        Which gas.
    outside : sequence of str
        Gas that met it, or may have, which no stay tells of; any leaves the sum without an upper end. Seconds of air
        outweigh days in a glovebox.
    """
    if not stays:
        return Quantity.unknown("langmuir", "nothing is recorded")
    shares = [*(_share(stay, gas) for stay in stays), *(_Share(0.0, None, words) for words in outside)]
    lower = sum(share.lower for share in shares)
    reasons = dict.fromkeys(share.why for share in shares if share.why)
    if not reasons:
        sources = [stay.pressure_Pa.source for stay in stays]
        return Quantity(lower, "langmuir", weakest(*sources), note="pressure times fraction times time, stay by stay")
    uppers = [share.upper for share in shares]
    note = f"{'; '.join(reasons)}; at least {number(lower, 3)} {unit('langmuir')} is recorded"
    if any(upper is None for upper in uppers):
        return Quantity.unknown("langmuir", note)
    upper = sum(upper for upper in uppers if upper is not None)
    return Quantity(None, "langmuir", "unknown", interval=(lower, upper), note=note)


def _share(stay: Stay, gas: str) -> _Share:
    if stay.is_gap:
        return _Share(0.0, None, "the chain has a gap")
    pressure = stay.pressure_Pa.value
    if pressure is None:
        return _Share(0.0, None, f"no pressure is recorded ({plain(stay.kind or '')})")
    whole = langmuir(pressure_Pa=pressure, seconds=stay.seconds)
    fraction = _fraction(stay, gas)
    if fraction is None:
        return _Share(0.0, whole, f"no fraction of {gas} is recorded ({plain(stay.kind or '')})")
    return _Share(whole * fraction, whole * fraction)


def _fraction(stay: Stay, gas: str) -> float | None:
    ppm: Quantity = getattr(stay, IMPURITY[gas])
    if ppm.value is not None:
        return ppm.value * 1e-6
    if stay.atmosphere in {"air", "dry_air"}:
        return gases()[gas].get("fraction_of_dry_air")
    return None
