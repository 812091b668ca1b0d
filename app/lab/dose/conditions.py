"""Quantities of an exposure: their units, and the reading of what a client states of them."""

from collections.abc import Iterator

from app.errors import LabError
from app.lab.dose.exposure_types import NewExposure, QuantityIn
from lithoscope.rules.exposure_dose import UNIT_OF
from lithoscope.units import Quantity

__all__ = ["UNIT_OF", "UnitMismatch", "UnitMissing", "conditions_of", "numbers_of"]

STATE_THE_UNIT = frozenset({"dose_rate_e_per_A2_s", "fluence_photons_per_um2", "flux_photons_per_s"})


class UnitMissing(LabError):
    """A quantity that is often given in two units came without one."""

    code, status, title = "unit-missing", 422, "Unit missing"


class UnitMismatch(LabError):
    """A quantity came in another unit than its name says."""

    code, status, title = "unit-mismatch", 422, "Wrong unit"


def conditions_of(new: NewExposure) -> dict[str, Quantity]:
    """Return the quantities of an exposure by name; those left out are unknown."""
    return {name: _quantity(name, getattr(new, name)) for name in UNIT_OF if name in type(new).model_fields}


def numbers_of(conditions: dict[str, Quantity]) -> Iterator[tuple[str, str, float]]:
    """Go through the known values, each with the pointer to where it stood."""
    for name, quantity in conditions.items():
        if quantity.value is not None:
            yield f"/body/{name}/value", name, quantity.value


def _quantity(name: str, given: QuantityIn | None) -> Quantity:
    unit = UNIT_OF[name]
    if given is None:
        return Quantity.unknown(unit, "not recorded")
    pointer = f"/body/{name}/unit"
    if given.unit is None and given.value is not None and name in STATE_THE_UNIT:
        detail = f"{name} needs its unit stated: send unit {unit}"
        raise UnitMissing(detail, errors=[{"pointer": pointer, "detail": detail}])
    if given.unit not in {None, unit}:
        detail = f"{name} is given in {unit}: convert the value"
        raise UnitMismatch(detail, errors=[{"pointer": pointer, "detail": detail}])
    return Quantity(given.value, unit, given.source, given.uncertainty, note=given.note)
