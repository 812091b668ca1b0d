"""What an exposure looks like from outside."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from app.lab.schemas import Body, Flag, Instant, LongText, ObjectId, Out, QuantityOut, Real, Whole
from lithoscope.units import Source

Mode = Literal["stem_raster", "tem_field", "xray"]
Count = Annotated[Whole, Field(ge=1, le=1_000_000)]


class QuantityIn(Body):
    """A number with its source; the name of the field fixes the unit, and a stated unit must be that one."""

    value: Annotated[Real, Field(ge=1e-30, le=1e30)] | None
    source: Source
    unit: Annotated[str, Field(max_length=20)] | None = None
    uncertainty: Annotated[Real, Field(ge=0, le=1e30, description="Standard uncertainty, same unit")] | None = None
    note: LongText = ""

    @model_validator(mode="after")
    def _unknown_has_no_value(self) -> Self:
        if (self.value is None) != (self.source == "unknown"):
            raise ValueError("value is null exactly when the source is unknown")
        return self


class ExposureFields(Body):
    """What every exposure carries; a quantity left out is unknown."""

    occurred_at: Instant
    ended_at: Instant | None = None
    dataset_id: Annotated[ObjectId | None, Field(description="The dataset this exposure gave")] = None
    frames: Annotated[Count, Field(description="Frames of the series, each at its own tilt or time")] = 1
    recorded_scans: Annotated[Count | None, Field(description="Every frame on record, repeated ones included")] = None
    temperature_K: QuantityIn | None = None
    note: LongText | None = None
    supersedes_id: ObjectId | None = None
    client_event_id: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] = None
    sent_at: Annotated[Instant | None, Field(description="The sender's clock when sending")] = None
    confirm: Annotated[Flag, Field(description="Values a thousand times outside their plausible range are meant")] = (
        False
    )


class StemRaster(ExposureFields):
    """A focused beam scanned over a raster of square steps."""

    mode: Literal["stem_raster"]
    beam_energy_kV: QuantityIn | None = None
    beam_current_nA: QuantityIn | None = None
    dwell_s: QuantityIn | None = None
    step_nm: QuantityIn | None = None
    frame_pixels: Annotated[
        list[Count] | None, Field(min_length=2, max_length=2, description="Places of a frame along x and y")
    ] = None


class TemField(ExposureFields):
    """A broad electron beam on a field."""

    mode: Literal["tem_field"]
    beam_energy_kV: QuantityIn | None = None
    dose_rate_e_per_A2_s: Annotated[
        QuantityIn | None, Field(description="Its unit must be stated: e/nm2 and e/A2 are a factor 100 apart")
    ] = None
    exposure_s: QuantityIn | None = None


class XRay(ExposureFields):
    """An X-ray beam on a field."""

    mode: Literal["xray"]
    photon_energy_keV: QuantityIn | None = None
    fluence_photons_per_um2: Annotated[
        QuantityIn | None, Field(description="Of one frame; its unit must be stated")
    ] = None


NewExposure = Annotated[StemRaster | TemField | XRay, Field(discriminator="mode")]


class ExposureOut(Out):
    """An exposure; `conditions` are quantities by name, `geometry` holds `frame_pixels` (x, y)."""

    id: str
    sample_id: str
    dataset_id: str | None
    instrument_id: str | None
    mode: Mode
    conditions: dict[str, QuantityOut]
    geometry: dict[str, Any]
    frames: int
    recorded_scans: int
    occurred_at: datetime
    ended_at: datetime | None
    received_at: datetime
    clock_offset_s: float | None
    recorded_by: str
    note: str | None
    warnings: list[str]
    supersedes_id: str | None
    superseded_by: str | None
    client_event_id: str | None
    inherited_from: str | None


class ExposureDoseOut(Out):
    """Fluence of one exposure: of a frame, of the series, of every frame on record."""

    exposure_id: str
    mode: Mode
    beam_energy: QuantityOut
    per_frame: QuantityOut
    series: QuantityOut
    recorded: QuantityOut
    warnings: list[str]
    inherited_from: str | None


class EnergyDoseOut(Out):
    """Recorded fluence at one beam energy; `total` is unknown as soon as one exposure is."""

    radiation: Literal["electrons", "photons"]
    beam_energy: QuantityOut
    exposure_ids: list[str]
    total: QuantityOut
    known_part: QuantityOut


class SampleDoseOut(Out):
    """What beams gave a sample; fluences of different energies are never added."""

    sample_id: str
    exposures: list[ExposureDoseOut]
    by_beam_energy: list[EnergyDoseOut]
    note: str
