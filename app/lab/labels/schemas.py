"""What labels look like from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from app.lab.limits.schemas import BoundsOut
from app.lab.schemas import Body, LongText, Name, Out, Whole
from lithoscope.rules.damage_budget import State


class NewLabel(Body):
    """What somebody says a label of a result is; without a phase the word is taken back."""

    output: Annotated[Name, Field(max_length=80, description="An output of kind labels")]
    label: Annotated[Whole, Field(ge=0, le=2**31 - 1, description="Its number in that output")]
    phase: Annotated[Name | None, Field(max_length=80, description="Such as Li2O")]
    note: LongText | None = None


class DecayOut(Out):
    """A route by which a beam makes a phase."""

    parent: str
    products: list[str]
    route: str
    source: str


class ParentDoseOut(Out):
    """What is known of the dose a parent took where the label lies: the worst part of the exposed field."""

    parent: str
    state: State
    spent: BoundsOut
    exposure_ids: list[str]
    reasons: list[str]


class LabelOut(Out):
    """
    A label with its phase, and whether a beam may have made what it shows.

    `possibly_beam_made` is `true` when the dose passed the limit of a phase it decays from, `false` when it stayed
    below all of them, and `unknown` otherwise; `reason` says why, `parents` which doses are behind it.
    """

    id: str
    result_id: str
    output: str
    label: int
    phase: str | None
    note: str | None
    assigned_by: str
    assigned_at: datetime
    possibly_beam_made: Literal["true", "false", "unknown"]
    reason: str
    parents: list[ParentDoseOut]
    decays: list[DecayOut]
    seen_by_exposure_ids: list[str]
