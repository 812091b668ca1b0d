"""Titrated storage series whose bottles consumed samples of an export, as a crate carries them."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from app.lab.exchange.pieces import Json, PersonId, Piece, as_said
from app.lab.samples.schemas import Material
from app.lab.schemas import Instant, Name
from app.lab.titrations.schemas import TitrationSeriesOut

SeriesId = Annotated[str, Field(pattern=r"^tgs_[0-9a-f]{32}$")]


class TitrationPiece(Piece):
    """
    A series with its bottles and the laws of loss fitted to them.

    It was evaluated with a gas calibration of its own facility, so it is kept beside an import and told again by an
    export; the clocks of another facility do not follow it.
    """

    material: Material
    electrolyte: Name | None
    record: Json
    supersedes_id: SeriesId | None
    created_by: PersonId
    created_at: Instant

    @model_validator(mode="after")
    def _is_a_series(self) -> Self:
        own = self.model_dump(mode="json", exclude={"record"}) | {"id": "", "project_id": "", "superseded_by": None}
        as_said(TitrationSeriesOut, {**self.record, **own})
        return self
