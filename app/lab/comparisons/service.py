"""Two runs or results side by side: what was asked, what came out, and what can be subtracted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Invalid
from app.infra.db.models import Job, Result
from app.lab.access import Actor
from app.lab.jobs.offers import fits
from app.lab.jobs.service import JobService
from app.lab.results.service import ResultService
from lithoscope.methods import Method, listed
from lithoscope.rules.comparison import NumbersCompared, compared
from lithoscope.units import Quantity

DIFFERENCE = "difference_map"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a job, and its result once there is one."""

    job: Job
    result: Result | None

    def output(self, name: str) -> dict[str, Any] | None:
        """Return the summary of an output."""
        return next((each for each in self.result.outputs if each["name"] == name), None) if self.result else None


@dataclass(frozen=True, slots=True)
class ParameterCompared:
    """One parameter; None where a side has none of that name."""

    name: str
    title: str
    unit: str
    first: Any
    second: Any

    @property
    def is_same(self) -> bool:
        """Say whether both had the same."""
        return bool(self.first == self.second)


@dataclass(frozen=True, slots=True)
class InputCompared:
    """One input by its references, none where a side was not given it."""

    name: str
    title: str
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Say whether both were given the same."""
        return self.first == self.second


@dataclass(frozen=True, slots=True)
class NumberCompared:
    """One number that both gave."""

    name: str
    title: str
    first: Quantity
    second: Quantity
    found: NumbersCompared


@dataclass(frozen=True, slots=True)
class ArrayCompared:
    """
    One map that both gave.

    Parameters
    ----------
    name, title : str
        Of the output.
    first, second : str
        References.
    reason : str
        Why the one cannot be subtracted from the other; empty where it can.
    """

    name: str
    title: str
    first: str
    second: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side."""

    first: Side
    second: Side
    inputs: list[InputCompared]
    parameters: list[ParameterCompared]
    numbers: list[NumberCompared]
    arrays: list[ArrayCompared]
    shares_inputs: bool


class ComparisonService:
    """Compares what the actor may read; nothing is kept."""

    def __init__(self, *, jobs: JobService, results: ResultService, methods: Mapping[str, Method]) -> None:
        self._jobs = jobs
        self._results = results
        self._methods = methods

    def compare(self, actor: Actor, first_id: str, second_id: str) -> Comparison:
        """Compare two results or jobs, in any mixture."""
        first, second = self._side(actor, first_id), self._side(actor, second_id)
        if first.job.id == second.job.id:
            raise Invalid.field("/query/of", "Both are the same run: choose another to compare it with.")
        return Comparison(
            first,
            second,
            self._inputs(first.job, second.job),
            self._parameters(first.job, second.job),
            list(_numbers(first, second)),
            list(self._arrays(first, second)),
            bool(_objects(first.job) & _objects(second.job)),
        )

    def _side(self, actor: Actor, object_id: str) -> Side:
        if object_id.startswith("job_"):
            job = self._jobs.get(actor, object_id)
            return Side(job, self._results.get(actor, job.result_id) if job.result_id else None)
        result = self._results.get(actor, object_id)
        return Side(self._jobs.get(actor, result.job_id), result)

    def _inputs(self, first: Job, second: Job) -> list[InputCompared]:
        methods = (self._methods[job.method] for job in (second, first) if job.method in self._methods)
        titles = {port.name: port.title for method in methods for port in method.inputs}
        return [
            InputCompared(name, titles.get(name, ""), _references(first, name), _references(second, name))
            for name in dict.fromkeys([*first.inputs, *second.inputs])
        ]

    def _parameters(self, first: Job, second: Job) -> list[ParameterCompared]:
        declared = {**self._declared(second), **self._declared(first)}
        return [
            ParameterCompared(
                name,
                str(declared.get(name, {}).get("title") or ""),
                str(declared.get(name, {}).get("unit") or "1"),
                first.params.get(name),
                second.params.get(name),
            )
            for name in dict.fromkeys([*first.params, *second.params])
        ]

    def _declared(self, job: Job) -> dict[str, Any]:
        method = self._methods.get(job.method)
        return method.params.model_json_schema().get("properties", {}) if method else {}

    def _arrays(self, first: Side, second: Side) -> "list[ArrayCompared]":
        port = self._methods[DIFFERENCE].port("first")
        found = []
        for one in first.result.outputs if first.result else []:
            other = second.output(one["name"])
            if first.result and second.result and other is not None and fits(port, one):
                references = f"{first.result.id}/{one['name']}", f"{second.result.id}/{one['name']}"
                found.append(ArrayCompared(one["name"], one["title"], *references, _unlike(first, second, one, other)))
        return found


def _numbers(first: Side, second: Side) -> "list[NumberCompared]":
    found = []
    for one in first.result.outputs if first.result else []:
        other = second.output(one["name"])
        if one["kind"] == "scalar" and other is not None and other["kind"] == "scalar":
            stated = Quantity.from_json(one["quantity"]), Quantity.from_json(other["quantity"])
            found.append(NumberCompared(one["name"], one["title"], *stated, compared(*stated)))
    return found


def _unlike(first: Side, second: Side, one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Say why two maps cannot be subtracted; empty where nothing that is known here forbids it."""
    if first.job.project_id != second.job.project_id:
        return "They belong to different projects: a job works within one."
    if (one.get("axes"), one.get("shape")) != (other.get("axes"), other.get("shape")):
        return "Their axes or lengths differ."
    if one.get("unit") != other.get("unit"):
        return "Their units differ: the method can match the second to the first by a factor."
    return ""


def _references(job: Job, name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in listed(job.inputs[name])) if name in job.inputs else ()


def _objects(job: Job) -> set[str]:
    return {reference.partition("/")[0] for name in job.inputs for reference in _references(job, name)}
