"""One stay of a beam on a sample as dose accounts, budgets and protocols see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lithoscope.units import Quantity

Radiation = Literal["electrons", "photons", "ions"]
Mode = Literal["stem_raster", "tem_field", "xray", "fib"]
Purpose = Literal["search", "focus", "acquisition", "parked", "other"]
Polygon = tuple[tuple[float, float], ...]

FLUENCE_UNIT: dict[Radiation, str] = {"electrons": "e/A^2", "photons": "photons/um^2", "ions": "ions/nm^2"}
FLUENCE_RATE_UNIT: dict[Radiation, str] = {
    "electrons": "e/(A^2 s)",
    "photons": "photons/(um^2 s)",
    "ions": "ions/(nm^2 s)",
}
RADIATION_OF: dict[Mode, Radiation] = {
    "stem_raster": "electrons",
    "tem_field": "electrons",
    "xray": "photons",
    "fib": "ions",
}


@dataclass(frozen=True, slots=True)
class Leg:
    """
    One exposure, calibrated and summed over everything recorded of it.

    Parameters
    ----------
    exposure_id : str
        Names it in accounts, reasons and verdicts.
    mode : {"stem_raster", "tem_field", "xray", "fib"}
        How the beam met the sample.
    purpose : {"search", "focus", "acquisition", "parked", "other"} or None
        What the beam was on for; None when nobody said.
    started_at, ended_at : datetime
        By the service's clock; ``ended_at`` None when not recorded, or while it runs.
    beam_energy : Quantity
        Accelerating voltage [kV], or photon energy [keV].
    temperature_K : Quantity
        Of the sample.
    fluence : Quantity
        Of every recorded frame, in the unit of `FLUENCE_UNIT`; of a running one until now.
    rate : Quantity
        Fluence per second while a frame is taken, in the unit of `FLUENCE_RATE_UNIT`.
    field_um : polygon or None
        Where it lay in the sample's coordinates [um]; None when nobody said, or it is loose.
    is_running : bool
        The beam is still on.
    local_fluence : Quantity or None
        Where the probe of a raster stood, when it is smaller than the step (the spots take more than the mean).
    ion_source : str or None
        What ions are made of; fluences of different ones are never summed.
    reading_ids : tuple of str
        The readings of beam current it was calibrated by: legs with the same ones share their uncertainty.
    is_loose : bool
        Its place is on record, but too many fields overlap for a region to be cut by all of them.
    """

    exposure_id: str
    mode: Mode
    purpose: Purpose | None
    started_at: datetime
    ended_at: datetime | None
    beam_energy: Quantity
    temperature_K: Quantity
    fluence: Quantity
    rate: Quantity
    field_um: Polygon | None = None
    is_running: bool = False
    local_fluence: Quantity | None = None
    ion_source: str | None = None
    reading_ids: tuple[str, ...] = ()
    is_loose: bool = False

    @property
    def radiation(self) -> Radiation:
        """Return what the beam is made of."""
        return RADIATION_OF[self.mode]
