"""What a comparison looks like from outside."""

from dataclasses import asdict
from typing import Any, Self

from app.lab.comparisons.service import Comparison, InputCompared, NumberCompared, ParameterCompared, Side
from app.lab.schemas import Out, QuantityOut


class SideOut(Out):
    """One of the two runs; `result_id` is null where it gave nothing."""

    job_id: str
    result_id: str | None
    method: str
    method_version: str
    state: str
    seed: int
    inputs: dict[str, Any]

    @classmethod
    def of(cls, side: Side) -> Self:
        """Describe a run."""
        named = ("method", "method_version", "state", "seed", "inputs", "result_id")
        return cls(job_id=side.job.id, **{name: getattr(side.job, name) for name in named})


class InputComparedOut(Out):
    """One input of both by its references; empty where a run was not given it."""

    name: str
    title: str
    first: list[str]
    second: list[str]
    is_same: bool

    @classmethod
    def of(cls, row: InputCompared) -> Self:
        """Describe an input."""
        sides = {"first": list(row.first), "second": list(row.second)}
        return cls(name=row.name, title=row.title, **sides, is_same=row.is_same)


class ParameterComparedOut(Out):
    """One parameter of both; null where a run has none of that name."""

    name: str
    title: str
    unit: str
    first: Any
    second: Any
    is_same: bool

    @classmethod
    def of(cls, row: ParameterCompared) -> Self:
        """Describe a parameter."""
        return cls(**asdict(row), is_same=row.is_same)


class NumberComparedOut(Out):
    """One number that both gave; `in_uncertainties` is the difference over its standard uncertainty."""

    name: str
    title: str
    first: QuantityOut
    second: QuantityOut
    difference: QuantityOut
    in_uncertainties: float | None

    @classmethod
    def of(cls, row: NumberCompared) -> Self:
        """Describe a number."""
        stated = {"first": row.first, "second": row.second, "difference": row.found.difference}
        quantities = {name: QuantityOut.model_validate(value.to_json()) for name, value in stated.items()}
        return cls(name=row.name, title=row.title, **quantities, in_uncertainties=row.found.in_uncertainties)


class ArrayComparedOut(Out):
    """One map that both gave, as inputs of the method `difference_map`; `reason` says why it would refuse them."""

    name: str
    title: str
    first: str
    second: str
    reason: str


class ComparisonOut(Out):
    """Two runs side by side; numbers of runs that share inputs are not independent."""

    first: SideOut
    second: SideOut
    inputs: list[InputComparedOut]
    parameters: list[ParameterComparedOut]
    numbers: list[NumberComparedOut]
    arrays: list[ArrayComparedOut]
    shares_inputs: bool

    @classmethod
    def of(cls, found: Comparison) -> Self:
        """Describe a comparison."""
        return cls(
            first=SideOut.of(found.first),
            second=SideOut.of(found.second),
            inputs=[InputComparedOut.of(row) for row in found.inputs],
            parameters=[ParameterComparedOut.of(row) for row in found.parameters],
            numbers=[NumberComparedOut.of(row) for row in found.numbers],
            arrays=[ArrayComparedOut(**asdict(row)) for row in found.arrays],
            shares_inputs=found.shares_inputs,
        )
