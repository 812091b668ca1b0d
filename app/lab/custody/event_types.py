"""The types of custody event; each states what it must say and what it may."""

from typing import Annotated, Literal

from pydantic import Field

from app.lab.schemas import Body, Flag, Instant, LongText, Name, ObjectId, Real, Whole

TransferMethod = Literal[
    "inert_gas_shuttle",
    "inert_gas_holder",
    "cooling_holder",
    "cryo_transfer_holder",
    "uhv_suitcase",
    "sealed_capillary",
    "ambient_air",
    "glovebag",
]
Atmosphere = Literal[
    "argon", "nitrogen", "dry_air", "air", "vacuum", "ultra_high_vacuum", "liquid_nitrogen", "carbon_dioxide", "other"
]
Container = Literal[
    "glovebox",
    "inert_gas_shuttle",
    "inert_gas_holder",
    "uhv_suitcase",
    "sealed_capillary",
    "dewar",
    "desiccator",
    "other",
]
StatedSource = Literal["measured", "header", "user", "assumed"]
IonSource = Literal["Ga", "Xe", "Ar", "O", "N", "He", "Ne", "fs_laser"]

NotNegative = Annotated[Real, Field(ge=0, le=1e15)]
Seconds = Annotated[Real, Field(ge=0, le=1e10)]  # three centuries: longer ones leave the calendar
Positive = Annotated[Real, Field(gt=0, le=1e15)]
Ppm = Annotated[Real, Field(ge=0, le=1e6)]


class Evidence(Body):
    """What supports an event: the dataset, document, photograph or log a person can look up."""

    kind: Literal["dataset", "document", "photo", "log", "statement"]
    reference: Name
    note: LongText | None = None


class EventFields(Body):
    """What every event carries; numbers left out are not recorded."""

    occurred_at: Annotated[Instant, Field(description="When it happened, or when its interval began")]
    place: Name | None = None
    operator: Annotated[Name | None, Field(max_length=200, description="Who did it, when not the recorder")] = None
    source: Annotated[StatedSource, Field(description="Where its numbers come from")] = "user"
    evidence: list[Evidence] = Field(default_factory=list, max_length=50)
    note: LongText | None = None
    supersedes_id: Annotated[ObjectId | None, Field(description="The event this one corrects")] = None
    client_event_id: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] = None
    sent_at: Annotated[Instant | None, Field(description="The sender's clock when sending")] = None
    confirm: Annotated[Flag, Field(description="Values a thousand times outside their plausible range are meant")] = (
        False
    )


class Lasting(EventFields):
    """An event that may take time."""

    ended_at: Annotated[Instant | None, Field(description="End of an interval; an open storage has none")] = None


COMMON_FIELDS = frozenset(Lasting.model_fields) - {"source", "note"}


class Gas(EventFields):
    """The gas and temperature around the sample."""

    atmosphere: Atmosphere | None = None
    o2_ppm: Ppm | None = None
    h2o_ppm: Ppm | None = None
    temperature_K: Positive | None = None
    pressure_Pa: NotNegative | None = None


class Surroundings(Lasting, Gas):
    """An event that may take time, and whose gas and temperature matter."""


class ElectrochemicalCycling(Lasting):
    """The cell was charged and discharged."""

    type: Literal["electrochemical_cycling"]
    cycles: Annotated[Whole, Field(ge=0, le=1_000_000, description="Charge-discharge cycles the cell went through")]
    capacity_retention_percent: Annotated[
        Real | None, Field(ge=0, le=1000, description="Discharge capacity after them over that of the reference cycle")
    ] = None
    dataset_id: Annotated[
        ObjectId | None, Field(title="Cycling data", description="The table of capacity against cycle")
    ] = None


class Disassembly(Gas):
    """The cell was opened; every clock starts here."""

    type: Literal["disassembly"]
    state_of_charge_percent: Annotated[Real | None, Field(ge=0, le=100)] = None


class Wash(Surroundings):
    """Salt was rinsed off."""

    type: Literal["wash"]
    solvent: Name
    duration_s: Seconds | None = None


class Storage(Surroundings):
    """It lay somewhere."""

    type: Literal["storage"]
    container: Annotated[Container | None, Field(description="What held it; tells shuttle from glovebox")] = None


class Transfer(Surroundings):
    """It was carried from one place to another."""

    type: Literal["transfer"]
    method: TransferMethod
    air_exposure_s: Annotated[Seconds | None, Field(description="Left out when not recorded")] = None
    destination: Name | None = None


class MillingStep(Body):
    """One current of a milling chain."""

    purpose: Literal["rough", "thin", "polish"]
    ion_current_nA: Positive | None = None
    ion_energy_kV: Positive | None = None
    thickness_nm: Annotated[Positive | None, Field(description="Lamella thickness after the step")] = None


class FibMilling(Surroundings):
    """Material was milled away."""

    type: Literal["fib_milling"]
    ion_source: IonSource
    ion_energy_kV: Positive | None = None
    steps: list[MillingStep] = Field(default_factory=list, max_length=100)
    cap_layer: Name | None = None


class Coating(Surroundings):
    """A layer was put on."""

    type: Literal["coating"]
    material: Name
    thickness_nm: Positive | None = None
    process: Name | None = None


class Heating(Surroundings):
    """It was warmed."""

    type: Literal["heating"]
    duration_s: Seconds | None = None


class Cooling(Surroundings):
    """It was cooled."""

    type: Literal["cooling"]
    duration_s: Seconds | None = None


class Mounting(Surroundings):
    """It was fixed on a stub, grid, holder or tip."""

    type: Literal["mounting"]
    holder: Name


class SurfaceRenewal(Surroundings):
    """A fresh surface was made."""

    type: Literal["surface_renewal"]
    process: Literal["scraping", "cutting", "cleaving", "sputtering", "other"] = "scraping"


class Grinding(Surroundings):
    """It was ground."""

    type: Literal["grinding"]
    duration_s: Seconds | None = None


class Sonication(Surroundings):
    """It was dispersed by ultrasound."""

    type: Literal["sonication"]
    solvent: Name
    duration_s: Seconds | None = None


class DropCast(Surroundings):
    """A dispersion was dropped on a support."""

    type: Literal["drop_cast"]
    solvent: Name
    support: Name | None = None


class Titration(Surroundings):
    """It was consumed by titration gas chromatography."""

    type: Literal["titration"]
    reagent: Name | None = None
    hydrogen_percent: Annotated[Real | None, Field(ge=0, lt=100, description="Share of the bottle's gas")] = None
    lithium_mg: Annotated[NotNegative | None, Field(description="Metallic lithium found")] = None
    titration_series_id: Annotated[ObjectId | None, Field(description="The storage series it belongs to")] = None


class BeamExposure(Surroundings):
    """A beam was on the sample; its numbers, when known, are an exposure of the dose room."""

    type: Literal["exposure"]
    beam: Literal["electron", "xray", "ion", "light", "laser"]
    pulse_energy_pJ: Annotated[Positive | None, Field(description="Of the laser pulses of an atom probe")] = None


class Split(Gas):
    """It was divided; children named here inherit the history up to this moment."""

    type: Literal["split"]
    child_ids: list[ObjectId] = Field(default_factory=list, max_length=500)
    process: Name | None = None


class Disposal(EventFields):
    """It is no more."""

    type: Literal["disposal"]
    reason: Name | None = None


class Note(EventFields):
    """Anything worth keeping."""

    type: Literal["note"]
    note: LongText


NewEvent = Annotated[
    ElectrochemicalCycling
    | Disassembly
    | Wash
    | Storage
    | Transfer
    | FibMilling
    | Coating
    | Heating
    | Cooling
    | Mounting
    | SurfaceRenewal
    | Grinding
    | Sonication
    | DropCast
    | Titration
    | BeamExposure
    | Split
    | Disposal
    | Note,
    Field(discriminator="type"),
]
