"""What regions and their doses look like from outside."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.lab.dose.exposure_types import Point, Polygon
from app.lab.dose.schemas import CoverageOut, Radiation
from app.lab.schemas import Body, LongText, Name, Out, QuantityOut, Stamped

Phases = Annotated[
    list[Name], Field(max_length=20, description="Phases it is watched for, in the words of the limit table")
]
Outline = Annotated[Polygon, Field(description="Corners [x, y] in the sample's coordinates [um], in order")]


class NewRegion(Body):
    """An area of a sample to watch."""

    name: Name
    polygon_um: Outline
    phases: Phases = Field(default=[])
    note: LongText | None = None


class RegionChange(Body):
    """What may be changed; a field left out stays."""

    name: Name | None = None
    polygon_um: Outline | None = None
    phases: Phases | None = None
    note: LongText | None = None


class RegionOut(Stamped):
    """A region; `retired_at` is set when it is no longer watched."""

    sample_id: str
    name: str
    polygon_um: list[Point]
    area_um2: float
    phases: list[str]
    note: str | None
    retired_at: datetime | None
    created_by: str
    version: int


class AccumulatedOut(Out):
    """A fluence; `total` is unknown as soon as one exposure is, `known_part` is then a lower bound."""

    total: QuantityOut
    known_part: QuantityOut


class RegionEnergyOut(Out):
    """
    Fluence of one beam energy over a region: mean over its area, and in its worst cell.

    Exposures that nobody placed (`unplaced_ids`) are taken to have covered all of it; `mean_placed` and `peak_placed`
    leave them out, and the dose lies between. Both are null when every exposure is placed. `absorbed_mean` and
    `absorbed_peak` are doses in Gy of electrons, in the phase the account was asked for.
    """

    radiation: Radiation
    beam_energy: QuantityOut
    ion_source: str | None
    mean: AccumulatedOut
    peak: AccumulatedOut
    mean_placed: AccumulatedOut | None
    peak_placed: AccumulatedOut | None
    absorbed_mean: QuantityOut
    absorbed_peak: QuantityOut
    exposure_ids: list[str]
    unplaced_ids: list[str]


class CellOut(Out):
    """A part of the region that the same exposures covered everywhere."""

    area_um2: float
    exposure_ids: list[str]


class RegionDoseOut(Out):
    """
    What beams gave a region until `at`; fluences of different energies are never added.

    `phase` is what doses in Gy are of: the one asked for, else what stands for the sample's material. Of many `cells`
    only the largest are listed; `cell_count` says how many there are.
    """

    region_id: str
    at: datetime
    area_um2: float
    phase: str | None
    by_beam_energy: list[RegionEnergyOut]
    cells: list[CellOut]
    cell_count: int
    coverage: CoverageOut
    warnings: list[str]
