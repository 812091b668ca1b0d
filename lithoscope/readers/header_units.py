"""Header values into our units: a vendor writes µm, m, Å or nothing, and zero when it does not know."""

import math
from typing import Any

from lithoscope.units import Quantity

_NM = {
    "m": 1e9, "cm": 1e7, "mm": 1e6, "um": 1e3, "µm": 1e3, "μm": 1e3, "micron": 1e3, "microns": 1e3, "micrometer": 1e3,
    "micrometre": 1e3, "nm": 1.0, "nanometer": 1.0, "nanometre": 1.0, "a": 0.1, "å": 0.1, "Å": 0.1, "angstrom": 0.1,
    "ångström": 0.1, "pm": 1e-3, "inch": 2.54e7, "meter": 1e9, "metre": 1e9, "millimeter": 1e6, "centimeter": 1e7,
}  # fmt: skip
_INVERSE_NM = {
    "1/nm": 1.0,
    "nm^-1": 1.0,
    "1/a": 10.0,
    "1/å": 10.0,
    "1/Å": 10.0,
    "1/m": 1e-9,
    "1/um": 1e-3,
    "1/µm": 1e-3,
}
_EV = {"ev": 1.0, "kev": 1e3, "mev": 1e-3}
_DEG = {"deg": 1.0, "degree": 1.0, "degrees": 1.0, "°": 1.0, "rad": math.degrees(1.0)}


def number(raw: Any) -> float | None:
    """Read a header entry as a finite number, None when it is not one."""
    if isinstance(raw, bool) or raw is None:
        return None
    try:
        value = float(raw)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def known(raw: Any, *, unit: str, key: str, factor: float = 1.0, zero_is_known: bool = False) -> Quantity:
    """
    Make a quantity of a header entry.

    Parameters
    ----------
    raw : Any
        What the header holds; None when it lacks the key.
    unit : str
        Our unit of the result.
    key : str
        Where it stands in the header; named in the note.
    factor : float
        From the header's unit to ours.
    zero_is_known : bool
        Whether zero (or less) is a possible value, as of an angle; otherwise it means that nobody filled it in.

    Returns
    -------
    quantity : Quantity
        Source ``header``, or ``unknown`` with the reason.
    """
    value = number(raw)
    if value is None:
        return Quantity.unknown(unit, f"the header has no {key}" if raw is None else f"{key} is not a number")
    if value <= 0 and not zero_is_known:
        return Quantity.unknown(unit, f"{key} says {value:g}, which is impossible")
    return Quantity(value * factor, unit, "header", note=key)


def step(raw: Any, spelled_unit: str, *, key: str) -> Quantity:
    """
    Make an axis step of a header's scale and its own spelling of the unit.

    Lengths come out in nm, reciprocal lengths in nm^-1, energies in eV, angles in deg; without a unit the step is
    unknown, however plausible the number looks.
    """
    for unit, table in (("nm", _NM), ("nm^-1", _INVERSE_NM), ("eV", _EV), ("deg", _DEG)):
        factor = table.get(spelled_unit.strip(), table.get(spelled_unit.strip().lower()))
        if factor is not None:
            return known(raw, unit=unit, key=key, factor=factor)
    reason = f"{key} has no unit" if not spelled_unit.strip() else f"{key} has a unit we do not know"
    return Quantity.unknown("nm", reason)


def energy_factor_eV(spelled_unit: str) -> float | None:
    """Factor from a header's energy unit to eV, None when it is no energy."""
    return _EV.get(spelled_unit.strip().lower())


def angle_factor_deg(spelled_unit: str) -> float | None:
    """Factor from a header's angle unit to degrees, None when it is no angle."""
    return _DEG.get(spelled_unit.strip().lower())
