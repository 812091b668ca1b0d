"""A planned chain, and what it would give."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.lab.budgets.schemas import BudgetOut
from app.lab.clocks.schemas import ClockOut
from app.lab.custody.event_types import NewEvent
from app.lab.custody.schemas import CustodyStateOut, StayOut
from app.lab.dose.exposure_types import NewExposure
from app.lab.dose.schemas import BeamSumOut, CoverageOut
from app.lab.evaluations.schemas import Purpose, Technique, VerdictOut
from app.lab.samples.schemas import Material
from app.lab.schemas import Body, Flag, Instant, Name, ObjectId, Out, QuantityOut, Real

Phase = Annotated[str, Field(min_length=1, max_length=80)]


class NewChainPlan(Body):
    """
    What would be done: to a sample, on top of its history, or to a material that has none.

    Events and exposures are as they would be recorded; those of the plan are named ``events/0``, ``exposures/0`` in
    the answer.
    """

    sample_id: Annotated[ObjectId | None, Field(description="Go on from this sample's history")] = None
    material: Annotated[Material | None, Field(description="Begin anew with this material")] = None
    electrolyte: Name | None = None
    prepared_at: Instant | None = None
    capacity_mAh_per_cm2: Annotated[Real | None, Field(gt=0, le=1e4)] = None
    events: Annotated[list[NewEvent], Field(max_length=500)] = []  # noqa: RUF012 - pydantic copies it
    exposures: Annotated[list[NewExposure], Field(max_length=500)] = []  # noqa: RUF012 - pydantic copies it
    covers_all_beam: Annotated[
        Flag, Field(description="The exposures are all the beam there would be: search, focus and a parked beam too")
    ] = True
    protocol_ids: Annotated[
        list[Annotated[str, Field(max_length=80)]] | None,
        Field(max_length=50, description="Every protocol that speaks of the material when left out"),
    ] = None
    purpose: Purpose | None = None
    technique: Technique | None = None
    phases: Annotated[list[Phase], Field(max_length=20, description="Phases to draw up budgets for")] = []  # noqa: RUF012 - pydantic copies it
    criterion: Annotated[str | None, Field(max_length=80)] = None
    at: Annotated[Instant | None, Field(description="Moment to judge; the end of the plan when left out")] = None


class PlannedBeamOut(Out):
    """What one planned exposure would give."""

    id: str
    mode: str
    started_at: datetime
    beam_energy: QuantityOut
    temperature_K: QuantityOut
    rate: QuantityOut
    fluence: QuantityOut


class ChainPlanOut(Out):
    """What a planned chain would end with; nothing of it is stored."""

    sample_id: str | None
    material: str
    electrolyte: str | None
    at: datetime
    state: CustodyStateOut
    stays: list[StayOut]
    clocks: list[ClockOut]
    exposures: list[PlannedBeamOut]
    doses: list[BeamSumOut]
    coverage: CoverageOut
    budgets: list[BudgetOut]
    evaluations: list[VerdictOut]
    warnings: list[str]
    assumptions: list[str]
