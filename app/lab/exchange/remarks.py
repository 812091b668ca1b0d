"""What people said of things: notes, tags, what labels are, and the verdicts of protocols, as a crate carries them."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from app.lab.annotations.schemas import NoteText, TagText
from app.lab.evaluations.schemas import VerdictOut
from app.lab.exchange.pieces import (
    EvaluationId,
    Json,
    LabelId,
    NoteId,
    PersonId,
    Piece,
    ResultId,
    SampleId,
    TagId,
    ThingId,
)
from app.lab.schemas import Instant, LongText, Name, Sha256, Whole
from lithoscope.rules.verdicts import Verdict


class NotePiece(Piece):
    """A note beside a thing."""

    id: NoteId
    target_id: ThingId
    text: NoteText
    created_by: PersonId
    created_at: Instant


class TagPiece(Piece):
    """A tag of a thing."""

    id: TagId
    target_id: ThingId
    tag: TagText
    created_by: PersonId
    created_at: Instant


class LabelPiece(Piece):
    """What somebody said a label of a result is; the latest word counts, none takes it back."""

    id: LabelId
    result_id: ResultId
    output: Annotated[Name, Field(max_length=80)]
    label: Annotated[Whole, Field(ge=0, le=2**31 - 1)]
    phase: Annotated[Name, Field(max_length=80)] | None
    note: LongText | None
    assigned_by: PersonId
    assigned_at: Instant


class EvaluationPiece(Piece):
    """A kept verdict with the whole protocol that gave it; it is never computed again, here or there."""

    id: EvaluationId
    target_id: ThingId
    sample_id: SampleId
    protocol_id: Annotated[str, Field(max_length=80)]
    protocol_number: Annotated[Whole, Field(ge=1)]
    protocol_digest: Sha256
    verdict: Verdict
    record: Json
    evaluated_by: PersonId
    evaluated_at: Instant

    @model_validator(mode="after")
    def _tells_its_own_verdict(self) -> Self:
        told = VerdictOut.model_validate(self.record)
        own = (self.protocol_id, self.protocol_number, self.protocol_digest, self.verdict)
        if (told.protocol_id, told.version, told.digest, told.verdict) != own:
            raise ValueError("the record of a verdict names another protocol or verdict")
        if not isinstance(self.record.get("protocol"), dict):
            raise ValueError("the record of a verdict holds the protocol it was given by")  # noqa: TRY004 - as pydantic reports
        return self
