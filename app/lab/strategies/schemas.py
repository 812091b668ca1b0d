"""What the advice of the papers looks like from outside."""

from typing import Literal

from app.lab.schemas import Out, QuantityOut

Question = Literal[
    "bulk_morphology",
    "surface_chemistry",
    "atomic_structure",
    "interphase",
    "liquid_interface",
    "composition_in_3d",
    "density_in_3d",
    "lithium_in_3d",
    "inventory",
]
Topic = Literal["preparation", "storage", "transfer", "ion_source", "temperature", "dose_rate"]


class DisagreementOut(Out):
    """What a source says otherwise; nothing is chosen between it and the advice."""

    says: str
    citation: str


class AdviceOut(Out):
    """
    What to do about one step.

    `strength` tells advice a source states from what its authors did or saw; `choices` are words of the event types,
    the first one preferred; `relaxed` is what the source allows those who lack the equipment.
    """

    topic: Topic
    recommend: str
    citation: str
    strength: Literal["stated", "shown"]
    choices: list[str]
    at_least: QuantityOut | None
    at_most: QuantityOut | None
    quote: str
    relaxed: str
    relaxed_choices: list[str]
    relaxed_citation: str
    disagrees: list[DisagreementOut]


class StrategyOut(Out):
    """
    How to keep a kind of sample as it is while a question is asked of it.

    `unknown` names steps that no source speaks of; `phases` those whose critical doses decide how long a beam may stay.
    """

    id: str
    title: str
    citation: str
    materials: list[str]
    questions: list[Question]
    advice: list[AdviceOut]
    unknown: list[Topic]
    phases: list[str]
    protocol_id: str | None
    technique: str | None
    purpose: str | None


class StrategiesOut(Out):
    """The strategies found; `note` says so where no source speaks of the material and the question."""

    items: list[StrategyOut]
    questions: dict[Question, str]
    note: str | None
