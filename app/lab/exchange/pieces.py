"""What every record of a crate is made of; unknown fields are refused."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from app.lab.schemas import LongText, QuantityOut, Whole

SampleId = Annotated[str, Field(pattern=r"^smp_[0-9a-f]{32}$")]
EventId = Annotated[str, Field(pattern=r"^evt_[0-9a-f]{32}$")]
ExposureId = Annotated[str, Field(pattern=r"^exp_[0-9a-f]{32}$")]
RegionId = Annotated[str, Field(pattern=r"^rgn_[0-9a-f]{32}$")]
DatasetId = Annotated[str, Field(pattern=r"^ds_[0-9a-f]{32}$")]
JobId = Annotated[str, Field(pattern=r"^job_[0-9a-f]{32}$")]
ResultId = Annotated[str, Field(pattern=r"^res_[0-9a-f]{32}$")]
RunId = Annotated[str, Field(pattern=r"^run_[0-9a-f]{32}$")]
NoteId = Annotated[str, Field(pattern=r"^nte_[0-9a-f]{32}$")]
TagId = Annotated[str, Field(pattern=r"^tag_[0-9a-f]{32}$")]
LabelId = Annotated[str, Field(pattern=r"^lbp_[0-9a-f]{32}$")]
EvaluationId = Annotated[str, Field(pattern=r"^evl_[0-9a-f]{32}$")]
#: A sample, dataset or result: what people write beside, tag and judge.
ThingId = Annotated[str, Field(pattern=r"^(smp|ds|res)_[0-9a-f]{32}$")]
ProjectId = Annotated[str, Field(pattern=r"^prj_[0-9a-f]{32}$")]
InstrumentId = Annotated[str, Field(pattern=r"^ins_[0-9a-f]{32}$")]
PersonId = Annotated[str, Field(pattern=r"^((usr|key)_[0-9a-f]{32}|[a-z_]{1,40})$")]
Word = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9._+ /-]*$")]
Count = Annotated[Whole, Field(ge=0, le=1_000_000)]
Words = Annotated[list[LongText], Field(max_length=1000)]
Text = Annotated[str, Field(max_length=300)]
Quantities = dict[Annotated[str, Field(max_length=80)], QuantityOut]
Json = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)


class Piece(BaseModel):
    """A record of a crate, not of a request; instants are written alike by every facility."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_serializer("*", mode="wrap", when_used="json")
    def _alike(self, value: Any, write: Any) -> Any:
        return value.isoformat(timespec="microseconds") if isinstance(value, datetime) else write(value)


def as_said(model: type[Model], told: Mapping[str, Any]) -> Model:
    """Judge JSON that is kept word for word: a number in quotes is none, as whoever writes it out again relies on."""
    return model.model_validate_json(json.dumps(told), strict=True)
