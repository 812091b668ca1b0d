"""What budgets and plans look like from outside."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.lab.dose.exposure_types import Count
from app.lab.dose.schemas import CoverageOut
from app.lab.limits.schemas import BoundsOut, ChoiceOut, Kelvin, Positive
from app.lab.schemas import Body, Name, ObjectId, Out, QuantityOut
from lithoscope.rules.critical_dose import Flag
from lithoscope.rules.damage_budget import State
from lithoscope.rules.dose_limits import ONSET


class LegDamageOut(Out):
    """What one exposure took of a phase's life; `is_placed` false when it may have missed the place."""

    exposure_id: str
    fraction: BoundsOut
    limit_id: str | None
    flags: list[Flag]
    reason: str
    is_placed: bool


class BudgetOut(Out):
    """
    What is left of a phase's life in one place: damage fractions of 1, leg by leg.

    `recorded` is the sum over the recorded legs alone; of `spent` an end is null where beam may be missing from it.
    `within` needs a dose and a limit for every leg, and a record of when the beam was on; unknown is never shown as
    fine.
    """

    phase: str
    criterion: str
    state: State
    spent: BoundsOut
    remaining: BoundsOut
    recorded: BoundsOut
    seconds_left: BoundsOut
    legs: list[LegDamageOut]
    reasons: list[str]
    assumption: str
    next_choice: ChoiceOut | None


class CellBudgetOut(Out):
    """A part of the region that the same exposures covered."""

    area_um2: float
    state: State
    spent: BoundsOut
    exposure_ids: list[str]


class RegionBudgetOut(BudgetOut):
    """
    The budget of a region: that of its worst cell, until `at`.

    Of many `cells` only the largest are listed; `cell_count` says how many there are.
    """

    region_id: str
    region_name: str
    at: datetime
    cells: list[CellBudgetOut]
    cell_count: int
    coverage: CoverageOut
    running_exposure_ids: list[str]


class NewDosePlan(Body):
    """An exposure one means to make: a raster by `step_nm`, or a lit disc by `beam_diameter_nm`."""

    phase: Name
    temperature_K: Kelvin
    beam_energy_kV: Positive
    beam_current_nA: Positive
    dwell_s: Annotated[Positive, Field(description="Stay of the probe at each place, or time of one frame of a field")]
    step_nm: Annotated[Positive | None, Field(description="Distance of places, which is the pixel size")] = None
    beam_diameter_nm: Positive | None = None
    frames: Count = 1
    frame_pixels: Annotated[list[Count] | None, Field(min_length=2, max_length=2)] = None
    criterion: Annotated[str, Field(max_length=80)] = ONSET
    region_id: Annotated[ObjectId | None, Field(description="A region that has had beam; a fresh place without")] = None

    @model_validator(mode="after")
    def _one_geometry(self) -> Self:
        if (self.step_nm is None) == (self.beam_diameter_nm is None):
            raise ValueError("give step_nm for a scanned beam, or beam_diameter_nm for a lit field, and not both")
        return self


class DosePlanOut(Out):
    """
    What a planned exposure would do.

    Of `largest_...`, with everything else as planned, `lower` is the largest that is safe, and beyond `upper` the limit
    is passed for certain; null where it cannot be known. The flag `other_mode` says that the limit was measured with
    another kind of beam: it may show that a plan goes too far, never that it does not.
    """

    mode: Literal["stem_raster", "tem_field"]
    dose_per_frame: QuantityOut
    dose: QuantityOut
    rate: QuantityOut
    choice: ChoiceOut
    fraction: BoundsOut
    before: BudgetOut
    after: BudgetOut
    largest_dwell_s: BoundsOut
    largest_beam_current_nA: BoundsOut
    largest_frames: BoundsOut
    flags: list[str]
