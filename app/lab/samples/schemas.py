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

SampleKindName = Literal["cell", "electrode", "foil", "powder", "pellet", "lamella", "tip", "block"]
LabelText = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,58}$")]
Kind = Annotated[SampleKindName | None, Field(description="What it is; forms offer what is usual for it")]
ClockState = Literal["fresh", "due", "overdue", "unknown"]
Whereabouts = Literal["kept", "disposed"]

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
    kind: Kind = None
    code: Annotated[LabelText | None, Field(description="Label; given by the service when left out")] = None
    electrolyte: Name | None = None
    cell_history: LongText | None = None
    parent_id: ObjectId | None = None
    prepared_at: PreparedAt = None
    capacity_mAh_per_cm2: Capacity = None


class SampleChange(Body):
    """What may be changed; a field left out stays."""

    name: Name | None = None
    kind: Kind = None
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
    kind: SampleKindName | None
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


class FacetCount(Out):
    """How many samples there are of one answer to a facet, with the other facets as they are chosen."""

    value: str | None
    count: int


class SampleFacets(Out):
    """Samples counted by every facet; of a facet that is chosen, its other answers are counted as well."""

    total: int
    project_id: list[FacetCount]
    material: list[FacetCount]
    kind: list[FacetCount]
    clock: list[FacetCount]
    state: list[FacetCount]
    tag: list[FacetCount]


class SampleBranch(Out):
    """A sample in the tree of what it was split from; `depth` counts from the one nothing came before."""

    id: str
    parent_id: str | None
    code: str
    name: str
    material: Material
    kind: SampleKindName | None
    depth: int
