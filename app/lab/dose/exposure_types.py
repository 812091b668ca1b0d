"""Exposures by mode: what a client may state of each."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.lab.schemas import Body, Flag, Instant, LongText, ObjectId, Real, Whole
from lithoscope.units import Source

Mode = Literal["stem_raster", "tem_field", "xray", "fib"]
Purpose = Literal["search", "focus", "acquisition", "parked", "other"]
IonSource = Literal["Ga", "Xe", "Ar", "O", "N", "He", "Ne"]
Count = Annotated[Whole, Field(ge=1, le=1_000_000)]
Coordinate = Annotated[Real, Field(ge=-1e6, le=1e6)]
Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
Polygon = Annotated[list[Point], Field(min_length=3, max_length=1000)]


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
    """What every exposure carries; a quantity left out is unknown, or what the header of its dataset says."""

    occurred_at: Instant
    ended_at: Instant | None = None
    purpose: Annotated[Purpose | None, Field(description="What the beam was on for; left out: nobody said")] = None
    dataset_id: Annotated[ObjectId | None, Field(description="The dataset this exposure gave")] = None
    instrument_id: Annotated[
        ObjectId | None, Field(description="Whose calibration holds; a device's own, whatever it sends")
    ] = None
    region_id: Annotated[ObjectId | None, Field(description="The region of the sample it lay on")] = None
    field_um: Annotated[
        Polygon | None, Field(description="The field it lit, in the sample's coordinates; wins over region_id")
    ] = None
    is_running: Annotated[Flag, Field(description="The beam is still on: end it by a superseding exposure")] = False
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

    @model_validator(mode="after")
    def _running_has_no_end(self) -> Self:
        if self.is_running and self.ended_at is not None:
            raise ValueError("an exposure that is still running has no ended_at: leave one of them out")
        return self


class StemRaster(ExposureFields):
    """A focused beam scanned over a raster of square steps."""

    mode: Literal["stem_raster"]
    beam_energy_kV: QuantityIn | None = None
    beam_current_nA: QuantityIn | None = None
    dwell_s: QuantityIn | None = None
    step_nm: QuantityIn | None = None
    probe_diameter_nm: Annotated[
        QuantityIn | None, Field(description="Below the step the dose is probe-limited: spots take more than the mean")
    ] = None
    frame_pixels: Annotated[
        list[Count] | None, Field(min_length=2, max_length=2, description="Places of a frame along x and y")
    ] = None


class TemField(ExposureFields):
    """A broad electron beam on a field: its dose rate stated, or by current and diameter, or by counts of a camera."""

    mode: Literal["tem_field"]
    beam_energy_kV: QuantityIn | None = None
    dose_rate_e_per_A2_s: Annotated[
        QuantityIn | None, Field(description="Its unit must be stated: e/nm2 and e/A2 are a factor 100 apart")
    ] = None
    exposure_s: Annotated[QuantityIn | None, Field(description="Of one frame")] = None
    beam_current_nA: Annotated[QuantityIn | None, Field(description="That reaches the specimen")] = None
    beam_diameter_nm: Annotated[QuantityIn | None, Field(description="Of the lit disc on the specimen")] = None
    camera_counts: Annotated[QuantityIn | None, Field(description="Of one pixel in one frame, on average")] = None
    conversion_counts_per_e: Annotated[QuantityIn | None, Field(description="Counts of one electron")] = None
    camera_gain: Annotated[
        QuantityIn | None, Field(description="Counts were multiplied by it beyond the conversion; 1 when left out")
    ] = None
    pixel_size_nm: Annotated[QuantityIn | None, Field(description="Of the camera, on the specimen")] = None
    counted_in: Annotated[
        Literal["vacuum", "specimen"] | None,
        Field(description="Counts under the specimen miss electrons: the dose is then a lower bound"),
    ] = None


class XRay(ExposureFields):
    """An X-ray beam on a field: its fluence stated, or flux over area times time."""

    mode: Literal["xray"]
    photon_energy_keV: QuantityIn | None = None
    fluence_photons_per_um2: Annotated[
        QuantityIn | None, Field(description="Of one frame; its unit must be stated")
    ] = None
    flux_photons_per_s: Annotated[QuantityIn | None, Field(description="On the lit area")] = None
    beam_area_um2: Annotated[QuantityIn | None, Field(description="Lit area")] = None
    exposure_s: Annotated[QuantityIn | None, Field(description="Of one frame")] = None
    mass_absorption_cm2_per_g: Annotated[
        QuantityIn | None, Field(description="Mass energy-absorption coefficient of what was met: gives the dose in Gy")
    ] = None


class Fib(ExposureFields):
    """An ion beam scanned over an area."""

    mode: Literal["fib"]
    ion_source: Annotated[IonSource | None, Field(description="What the ions are")] = None
    ion_energy_kV: QuantityIn | None = None
    ion_current_nA: QuantityIn | None = None
    beam_area_um2: Annotated[QuantityIn | None, Field(description="Area the beam scanned")] = None
    exposure_s: Annotated[QuantityIn | None, Field(description="Time of one pass")] = None


NewExposure = Annotated[StemRaster | TemField | XRay | Fib, Field(discriminator="mode")]
