"""Readings of beam current that the dose of exposures came from, as a crate carries them."""

from typing import Annotated, Literal

from pydantic import Field

from app.lab.exchange.pieces import InstrumentId, PersonId, Piece
from app.lab.schemas import Instant, LongText, Real

ReadingId = Annotated[str, Field(pattern=r"^bmc_[0-9a-f]{32}$")]


class BeamReadingPiece(Piece):
    """
    What a screen or Faraday cup measured at a set current.

    It belongs to an instrument of its own facility, so it is kept beside an import as the instrument's name is, and
    accounts for no exposure of another facility.
    """

    instrument_id: InstrumentId
    kind: Literal["screen", "faraday"]
    beam_energy_kV: Real
    set_current_nA: Real
    measured_current_nA: Real
    uncertainty_nA: Real | None
    measured_at: Instant
    note: LongText | None
    recorded_by: PersonId
    received_at: Instant
