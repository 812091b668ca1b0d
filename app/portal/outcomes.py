"""What a run of a recipe has given so far: its maps in shared frames, and all else group by group."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.errors import NotFound
from app.infra.db.models import Result
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.recipes.views import RunView
from app.portal.charts import Chart
from app.portal.viewing import Frame, Shown, charts_of, frames_of

CHECKS = "Checks and curves"
REST = "Outcomes"
PICTURES = {"figure", "film"}


@dataclass(frozen=True)
class Outcome:
    """One output of a step with the result that holds it."""

    title: str
    group: str
    result_id: str
    output: dict[str, Any]
    chart: Chart | None = None


@dataclass(frozen=True)
class Outcomes:
    """
    What a run has given so far.

    Parameters
    ----------
    frames : list of Frame
        Its maps, those of one geometry together.
    groups : dict of str to list of Outcome
        Numbers, tables and figures by group; curves of steps that are no outcome of the recipe come last.
    key : str
        Changes when there is more to show.
    """

    frames: list[Frame]
    groups: dict[str, list[Outcome]]
    key: str


def outcomes_of(lab: Lab, actor: Actor, view: RunView) -> Outcomes:
    """Gather what the finished steps of a run gave; a result that was deleted is passed over."""
    results = {step.step.name: row for step in view.steps if (row := _result(lab, actor, step.result_id)) is not None}
    named = list(_named(view, results))
    stated = {(each.result_id, each.output["name"]) for each in named}
    others = [each for each in _curves(view, results) if (each.result_id, each.output["name"]) not in stated]
    maps = [Shown(_home(each), {**each.output, "title": each.title}) for each in named]
    groups: dict[str, list[Outcome]] = {}
    for each in [*named, *others]:
        if each.output["kind"] in {"scalar", "table", *PICTURES}:
            groups.setdefault(each.group or REST, []).append(each)
    key = ",".join(sorted({row.id[-8:] for row in results.values()}))
    return Outcomes(frames_of(maps), {name: _charted(lab, found, results) for name, found in groups.items()}, key)


def _result(lab: Lab, actor: Actor, result_id: str | None) -> Result | None:
    try:
        return lab.results.get(actor, result_id) if result_id else None
    except NotFound:
        return None


def _named(view: RunView, results: dict[str, Result]) -> Iterator[Outcome]:
    """Give the recipe's own outcomes, as far as their steps have ended."""
    for stated in view.outputs:
        step, _, port = stated["source"].partition(".")
        row = results.get(step)
        output = next((each for each in row.outputs if each["name"] == port), None) if row else None
        if row is not None and output is not None:
            yield Outcome(stated["title"], stated.get("group", ""), row.id, output)


def _curves(view: RunView, results: dict[str, Result]) -> Iterator[Outcome]:
    """Give what else of the steps is drawn: convergence, fits, figures."""
    for step in view.steps:
        row = results.get(step.step.name)
        for output in row.outputs if row else []:
            if output.get("plot") or output["kind"] in PICTURES:
                yield Outcome(f"{step.step.title}: {output['title']}", CHECKS, row.id if row else "", output)


def _charted(lab: Lab, found: list[Outcome], results: dict[str, Result]) -> list[Outcome]:
    keys = {row.id: row.store_key for row in results.values()}
    charts = [charts_of(lab.house, [(keys[each.result_id], each.output)]) for each in found]
    return [
        Outcome(each.title, each.group, each.result_id, each.output, drawn.get(each.output["name"]))
        for each, drawn in zip(found, charts, strict=True)
    ]


def _home(outcome: Outcome) -> str:
    return f"/api/v1/results/{outcome.result_id}/outputs/{outcome.output['name']}"
