"""Records of the beam: what a log or a person may state."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from app.lab.schemas import Body, Instant, LongText, ObjectId, Out
from lithoscope.rules.beam_coverage import BeamKind, RecordKind


class BeamOn(Body):
    """A time the beam was on."""

    from_at: Instant
    to_at: Instant


class NewBeamRecord(Body):
    """
    What a valve or blanker log, or an operator, says about the beam on a sample within an interval.

    A log gives every time the beam was on and answers for all of it. An operator names what the declaration covers and
    gives the times the beam was on beside the recorded exposures; no times declare that there was none.
    """

    kind: RecordKind
    from_at: Instant
    to_at: Instant
    intervals: Annotated[list[BeamOn], Field(max_length=10_000, description="When the beam was on")]
    covers: Annotated[
        list[BeamKind] | None, Field(min_length=1, max_length=4, description="What an operator's declaration covers")
    ] = None
    instrument_id: ObjectId | None = None
    note: LongText | None = None
    supersedes_id: Annotated[ObjectId | None, Field(description="The record this one corrects")] = None
    sent_at: Annotated[Instant | None, Field(description="The sender's clock when sending")] = None

    @model_validator(mode="after")
    def _a_person_says_what_is_covered(self) -> Self:
        if (self.kind == "operator") != (self.covers is not None):
            raise ValueError("covers is given by an operator, and left out for a log: it answers for every beam")
        return self


class BeamOnOut(Out):
    """A time the beam was on, by the service's clock."""

    from_at: datetime
    to_at: datetime


class BeamRecordOut(Out):
    """A record of the beam; its times are by the service's clock."""

    id: str
    sample_id: str
    instrument_id: str | None
    kind: RecordKind
    from_at: datetime
    to_at: datetime
    intervals: list[BeamOnOut]
    covers: list[BeamKind]
    note: str | None
    supersedes_id: str | None
    recorded_by: str
    received_at: datetime
