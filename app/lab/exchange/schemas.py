"""What exports and imports look like from outside."""

from typing import Annotated, Literal

from pydantic import Field

from app.lab.samples.schemas import LabelText
from app.lab.schemas import Body, Flag, ObjectId, Out, Stamped

ExportForm = Literal["ro-crate", "eln", "prov", "csv", "nexus"]
Edition = Literal["1.3", "1.2"]
Absent = Literal["refuse", "leave-out"]


class NewImport(Body):
    """A crate to take in: a dataset of the project, its bytes a zip or `.eln`."""

    dataset_id: Annotated[ObjectId, Field(description="The crate as it was sent: a dataset of the project")]
    codes: Annotated[
        dict[LabelText, LabelText],
        Field(
            default_factory=dict,
            max_length=1000,
            description="Labels of samples that are taken here, and what to call them instead",
        ),
    ]
    is_rehearsal: Annotated[Flag, Field(description="Say what would come, and take nothing in")] = False


class Clash(Out):
    """A label of the crate that a sample of this facility carries."""

    code: str
    name: str


class ImportPlan(Out):
    """What a crate would bring; `clashes` must be given other labels in `codes` first."""

    dataset_id: str
    title: str
    origin: str | None
    is_ours: bool
    counts: dict[str, int]
    clashes: list[Clash]
    warnings: list[str]


class ImportOut(Stamped):
    """A crate that was taken in; `record` names the people, instruments and the project it comes from."""

    project_id: str
    dataset_id: str
    sha256: str
    target_id: str | None
    title: str
    origin: str | None
    counts: dict[str, int]
    warnings: list[str]
    created_by: str


class ImportAnswer(Out):
    """What would come, and what came; `taken` is null in a rehearsal."""

    plan: ImportPlan
    taken: ImportOut | None


class OriginOut(Out):
    """Where a thing came from: what it is called there, from which service and project, with which import."""

    object_id: str
    origin_id: str
    import_id: str
    origin: str | None
    project: str
    title: str
