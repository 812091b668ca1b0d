"""What calibrations of gas chromatographs and titrated storage series look like from outside."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from app.infra.db.models import GasCalibration, TitrationSeries
from app.lab.samples.schemas import Material
from app.lab.schemas import Body, Flag, Instant, LongText, Name, ObjectId, Out, QuantityOut, Real

Standard = Literal["lithium_mg", "hydrogen_percent"]
SMALLEST = 1e-6


def _zero_or_more_than_nothing(value: float) -> float:
    """Refuse numbers so small that they can only be a slip; zero is one of the facility's measurements."""
    if 0 < value < SMALLEST:
        raise ValueError(f"a number here is zero, or {SMALLEST:g} and above")
    return value


Measured = AfterValidator(_zero_or_more_than_nothing)
Amount = Annotated[Real, Field(ge=0, le=1e6), Measured]
Area = Annotated[
    Real, Field(ge=0, le=1e15, description="Peak area, in any unit as long as it is always the same"), Measured
]


class StandardPoint(Body):
    """One injection of a known amount."""

    amount: Amount
    area: Area


class NewGasCalibration(Body):
    """Injections of standards; each injection is a point."""

    instrument_id: ObjectId
    measured_at: Instant
    standard: Annotated[Standard, Field(description="Known mass of lithium [mg], or share of hydrogen in the gas [%]")]
    points: Annotated[list[StandardPoint], Field(min_length=3, max_length=500)]
    note: LongText | None = None
    supersedes_id: Annotated[ObjectId | None, Field(description="The calibration this one corrects")] = None


class CalibrationLineOut(Out):
    """The line through the standards: area = intercept + slope * amount."""

    slope: float
    intercept: float
    residual_sd: float
    points: int
    amount_range: tuple[float, float]
    area_range: tuple[float, float]
    curvature_p: float | None


class GasCalibrationOut(Out):
    """A calibration line; ``superseded_by`` names the one that corrects it."""

    id: str
    instrument_id: str
    measured_at: datetime
    standard: Standard
    points: list[StandardPoint]
    line: CalibrationLineOut
    warnings: list[str]
    note: str | None
    supersedes_id: str | None
    superseded_by: str | None
    recorded_by: str
    received_at: datetime

    @classmethod
    def of(cls, row: GasCalibration, superseded_by: str | None) -> Self:
        """Describe a calibration."""
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls.model_validate({**row.record, **own, "superseded_by": superseded_by})


class GasBottle(Body):
    """The closed bottle in which lithium met water."""

    volume_mL: Annotated[Real, Field(ge=0.01, le=1e5)]
    water_mL: Annotated[Real, Field(ge=0, le=1e5)]
    pressure_Pa: Annotated[Real, Field(ge=1, le=1e7, description="Of the inert gas when the bottle was closed")]
    temperature_K: Annotated[Real, Field(ge=1, le=1000)]
    is_vented: Annotated[Flag, Field(description="Gas was let out while the water went in")] = False


class TitratedBottle(Body):
    """One electrode in one bottle: how long it was stored, and the peak areas of its injections."""

    storage_h: Annotated[Real, Field(ge=0, le=1e6), Measured]
    areas: Annotated[list[Area], Field(min_length=1, max_length=50)]
    label: Name | None = None
    sample_id: Annotated[ObjectId | None, Field(description="The sample that was consumed")] = None


class NewTitrationSeries(Body):
    """Electrodes of one material and electrolyte, titrated after different times in storage."""

    project_id: ObjectId
    material: Material
    electrolyte: Name | None = None
    gas_calibration_id: ObjectId
    bottles: Annotated[list[TitratedBottle], Field(min_length=3, max_length=500)]
    gas_bottle: Annotated[GasBottle | None, Field(description="Needed where the standards were shares of hydrogen")] = (
        None
    )
    area_cm2: Annotated[Real | None, Field(ge=1e-6, le=1e6, description="Area of one electrode")] = None
    o2_ppm: Annotated[Real | None, Field(ge=0, le=1e6, description="In the storage")] = None
    h2o_ppm: Annotated[Real | None, Field(ge=0, le=1e6, description="In the storage")] = None
    note: LongText | None = None
    supersedes_id: Annotated[ObjectId | None, Field(description="The series this one corrects")] = None
    confirm: Annotated[Flag, Field(description="Values a thousand times outside their plausible range are meant")] = (
        False
    )


class ReadingOut(Out):
    """What one bottle held, with 90 % intervals; warnings say what is doubtful about it."""

    hydrogen: QuantityOut
    lithium: QuantityOut
    charge: QuantityOut
    charge_per_area: QuantityOut
    thickness: QuantityOut
    warnings: list[str]


class BottleOut(ReadingOut):
    """One bottle of a series; ``loss`` is counted from the mean of the electrodes that were not stored."""

    storage_h: float
    areas: list[float]
    label: str | None
    sample_id: str | None
    loss: QuantityOut


class StorageTimeOut(Out):
    """All bottles stored equally long: mean lithium and loss with standard uncertainty over the replicates."""

    storage_h: float
    replicates: int
    lithium: QuantityOut
    loss: QuantityOut


class LossPoint(Out):
    """One place of a fitted curve with its 90 % band, as percent of the fresh lithium."""

    hours: float
    loss_percent: float
    lower_percent: float
    upper_percent: float


class StorageFitOut(Out):
    """A law of loss; ``shelf_life`` is when a tenth is lost. The curve ends at 1.5 times the longest storage."""

    model: Literal["first_order", "square_root"]
    rate: QuantityOut
    fresh_lithium: QuantityOut
    fresh_charge_per_area: QuantityOut
    shelf_life: QuantityOut
    longest_storage_h: float
    misfit_p: float | None
    warnings: list[str]
    curve: list[LossPoint]


class TitrationSeriesOut(Out):
    """A titrated storage series with both laws fitted."""

    id: str
    project_id: str
    material: Material
    electrolyte: str | None
    gas_calibration_id: str
    gas_bottle: GasBottle | None
    area_cm2: float | None
    o2_ppm: float | None
    h2o_ppm: float | None
    bottles: list[BottleOut]
    times: list[StorageTimeOut]
    fits: list[StorageFitOut]
    warnings: list[str]
    note: str | None
    supersedes_id: str | None
    superseded_by: str | None
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, row: TitrationSeries, superseded_by: str | None) -> Self:
        """Describe a series."""
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls.model_validate({**row.record, **own, "superseded_by": superseded_by})
