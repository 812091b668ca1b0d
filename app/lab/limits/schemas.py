"""What critical doses look like from outside."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from app.lab.schemas import Body, Flag, LongText, Name, ObjectId, Out, Real
from lithoscope.rules.bounds import Bounds
from lithoscope.rules.critical_dose import Choice, DoseLimit
from lithoscope.rules.critical_dose import Flag as LimitFlag

Fluence = Annotated[Real, Field(gt=0, le=1e30)]
Positive = Annotated[Real, Field(gt=0, le=1e12)]
Kelvin = Annotated[Real, Field(ge=0, le=1e5)]
ElectronMode = Literal["tem_field", "stem_raster"]


class DoseIn(Body):
    """A critical fluence as an interval; an end that was not found is left out. Its unit must be stated."""

    lower: Fluence | None = None
    best: Fluence | None = None
    upper: Fluence | None = None
    unit: Annotated[str | None, Field(max_length=20)] = None


class NewDoseLimit(Body):
    """A critical dose the facility measured itself."""

    phase: Name
    criterion: Annotated[str, Field(max_length=80, description="Sign of damage, see GET /dose-limits")]
    dose: DoseIn
    beam_energy_kV: Positive
    temperature_K: Annotated[list[Kelvin], Field(min_length=2, max_length=2, description="Range it holds for")]
    mode: ElectronMode
    rate_e_per_A2_s: Annotated[
        list[Positive] | None, Field(min_length=2, max_length=2, description="Dose rates it was measured at")
    ] = None
    source: Annotated[LongText, Field(min_length=1, description="Dataset, notebook page or report it comes from")]
    note: LongText = ""
    supersedes_id: ObjectId | None = None
    confirm: Annotated[Flag, Field(description="Values a thousand times outside their plausible range are meant")] = (
        False
    )


class BoundsOut(Out):
    """An interval with its best estimate; what is null is not known."""

    lower: float | None
    best: float | None
    upper: float | None
    unit: str

    @classmethod
    def of(cls, bounds: Bounds) -> Self:
        """Describe an interval."""
        return cls.model_validate(bounds)


class StatementOut(Out):
    """One thing a source says, and what it implies by itself."""

    says: str
    where: str
    implies: BoundsOut


class DoseLimitOut(Out):
    """A critical dose with the conditions it was measured in; rows of the lab carry who recorded them."""

    id: str
    phase: str
    criterion: str
    dose: BoundsOut
    beam_energy_kV: float
    temperature_K: tuple[float, float]
    mode: str
    rate_e_per_A2_s: tuple[float, float] | None
    source: str
    kind: Literal["literature", "lab"]
    carries_over_kV: tuple[float, float] | None
    carries_over_words: str
    note: str
    statements: list[StatementOut]
    supersedes_id: str | None = None
    superseded_by: str | None = None
    retired_at: datetime | None = None
    created_by: str | None = None
    created_at: datetime | None = None
    warnings: list[str] = []  # noqa: RUF012 - pydantic copies it


class DoseLimits(Out):
    """Every limit, the literature's first, and what the criteria mean."""

    items: list[DoseLimitOut]
    criteria: dict[str, str]


class PassedOverOut(Out):
    """A row that was not chosen, and why."""

    limit: DoseLimitOut
    reason: str


class ChoiceOut(Out):
    """
    The limit that holds under some conditions, why, and the rows that were passed over.

    `window` is the time to the critical dose at the rate asked for. `limit` is null where nobody measured, and `reason`
    says so. Flags say what is assumed.
    """

    phase: str
    criterion: str
    limit: DoseLimitOut | None
    reason: str
    flags: list[LimitFlag]
    window: BoundsOut
    passed_over: list[PassedOverOut]

    @classmethod
    def of(cls, choice: Choice) -> Self:
        """Describe a choice."""
        return cls.model_validate(choice)


def limit_out(limit: DoseLimit, **record: object) -> DoseLimitOut:
    """Describe a limit, with what is on record of it beside."""
    return DoseLimitOut.model_validate(limit).model_copy(update=record)
