"""What a sample looks like from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.lab.schemas import Body, Instant, LongText, Name, ObjectId, Out, Real, Stamped

Material = Literal[
    "lithium_metal_foil",
    "lithium_electrodeposited",
    "sodium_metal",
    "graphite",
    "silicon",
    "nmc",
    "lithium_rich_nmc",
    "lto",
    "lfp",
    "solid_electrolyte_sulfide",
    "solid_electrolyte_oxide",
    "solid_electrolyte_halide",
    "sei",
    "cei",
    "composite_electrode",
    "other",
]


PreparedAt = Annotated[
    Instant | None, Field(description="When it was made; starts the clocks of a sample no cell was opened for")
]
Capacity = Annotated[
    Annotated[Real, Field(gt=0, le=1000)] | None, Field(description="Lithium per area, to give losses as capacity")
]


class NewSample(Body):
    """A sample to register."""

    project_id: ObjectId
    name: Name
    material: Material
    code: Annotated[
        str | None,
        Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,58}$", description="Label; given by the service when left out"),
    ] = None
    electrolyte: Name | None = None
    cell_history: LongText | None = None
    parent_id: ObjectId | None = None
    prepared_at: PreparedAt = None
    capacity_mAh_per_cm2: Capacity = None


class SampleChange(Body):
    """What may be changed; a field left out stays."""

    name: Name | None = None
    electrolyte: Name | None = None
    cell_history: LongText | None = None
    prepared_at: PreparedAt = None
    capacity_mAh_per_cm2: Capacity = None


class SampleOut(Stamped):
    """A sample."""

    project_id: str
    parent_id: str | None
    code: str
    name: str
    material: Material
    electrolyte: str | None
    cell_history: str | None
    prepared_at: datetime | None
    capacity_mAh_per_cm2: float | None
    split_at: datetime | None
    created_by: str
    version: int


class SampleCode(Out):
    """A sample's label, for instrument PCs."""

    id: str
    project_id: str
    code: str
    name: str
