"""What recipes and their runs look like from outside; the request is made from the recipes' own declarations."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, create_model

from app.lab.jobs.schemas import InputWarningOut, Seed, StartedBy, input_field
from app.lab.methods.schemas import PortOut
from app.lab.recipes.views import RunView, StepState, StepView
from app.lab.schemas import Body, ObjectId, Out, Stamped
from lithoscope.recipes import Recipe, Step
from lithoscope.recipes.base import Given

if TYPE_CHECKING:
    from app.lab.recipes.forecast import Forecast


#: By port: where one thing comes from, or where each of many does.
Sources = dict[str, str | list[str]]


class NewRun(Body):
    """What every request for a run holds; each recipe adds its own inputs, parameters and presets."""

    recipe: str
    inputs: Any
    params: Any
    preset: str | None = None
    seed: Seed = 0
    project_id: ObjectId | None = None


def request_type(recipes: Mapping[str, Recipe]) -> Any:
    """Make the request body: the union of every recipe's, told apart by ``recipe``."""
    models = [_request_of(recipe) for recipe in recipes.values()]
    if len(models) < 2:
        return models[0] if models else NewRun
    return Annotated[reduce(or_, models), Field(discriminator="recipe")]


@cache  # as for methods: classes are never freed
def _request_of(recipe: Recipe) -> Any:
    name = recipe.params.__name__.removesuffix("Params")
    ports: dict[str, Any] = {port.name: input_field(port) for port in recipe.inputs}
    inputs: Any = create_model(f"{name}RunInputs", __base__=Body, __doc__=f"Inputs of {recipe.title}.", **ports)
    needs_params = any(field.is_required() for field in recipe.params.model_fields.values())
    params: Any = (recipe.params, ...) if needs_params else (recipe.params, Field(default_factory=recipe.params))
    fields: dict[str, Any] = {"recipe": (Literal[recipe.id], ...), "inputs": (inputs, ...), "params": params}
    if recipe.presets:
        named: Any = Literal[tuple(recipe.presets)]
        fields["preset"] = (named | None, Field(None, description="What the parameters do not say, it says"))
    return create_model(f"{name}Run", __base__=NewRun, __doc__=f"{recipe.title} ({recipe.reference}).", **fields)


def sources_of(step: Step) -> Sources:
    """Write where the inputs of a step come from, as it is kept."""
    return {port: list(given) if isinstance(given, tuple) else given for port, given in step.inputs.items()}


class RecipeStepOut(Out):
    """A step as declared; a parameter that the recipe's user chooses is named in `chosen`, others are in `fixed`."""

    name: str
    title: str
    method: str
    inputs: Sources
    needs: list[str]
    fixed: dict[str, Any]
    chosen: dict[str, str]

    @classmethod
    def of(cls, step: Step) -> "RecipeStepOut":
        """Describe a step."""
        return cls(
            name=step.name,
            title=step.title,
            method=step.method,
            inputs=sources_of(step),
            needs=list(step.needs),
            fixed={name: value for name, value in step.params.items() if not isinstance(value, Given)},
            chosen={name: value.name for name, value in step.params.items() if isinstance(value, Given)},
        )


class RecipeOutputOut(Out):
    """An outcome of a recipe: which output of which step; those of one `group` belong together."""

    name: str
    title: str
    source: str
    group: str = ""


class RecipeOut(Out):
    """A recipe; `params_schema` is JSON Schema whose properties carry `unit`."""

    id: str
    version: str
    title: str
    description: str
    reference: str
    inputs: list[PortOut]
    steps: list[RecipeStepOut]
    outputs: list[RecipeOutputOut]
    presets: dict[str, dict[str, Any]]
    params_schema: dict[str, Any]

    @classmethod
    def of(cls, recipe: Recipe) -> "RecipeOut":
        """Describe a recipe."""
        return cls(
            id=recipe.id,
            version=recipe.version,
            title=recipe.title,
            description=(recipe.params.__doc__ or "").strip(),
            reference=recipe.reference,
            inputs=[PortOut.of(port) for port in recipe.inputs],
            steps=[RecipeStepOut.of(step) for step in recipe.steps],
            outputs=[RecipeOutputOut.model_validate(output) for output in recipe.outputs],
            presets={name: dict(values) for name, values in recipe.presets.items()},
            params_schema=recipe.params.model_json_schema(),
        )


class StepOut(Out):
    """A step of a run; with a job, the job's record tells the rest."""

    name: str
    title: str
    method: str
    inputs: Sources
    needs: list[str]
    params: dict[str, Any]
    state: StepState
    is_reused: bool
    job_id: str | None
    result_id: str | None
    progress: dict[str, Any] | None
    problem: dict[str, Any] | None
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, view: StepView) -> "StepOut":
        """Describe a step."""
        step, job = view.step, view.job
        own = {name: getattr(step, name) for name in ("name", "title", "method", "inputs", "params", "is_reused")}
        of_job = {name: getattr(job, name, None) for name in ("progress", "started_at", "finished_at")}
        said = {name: getattr(view, name) for name in ("state", "problem", "result_id")}
        return cls(**own, **of_job, **said, needs=list(view.needs), job_id=step.job_id)


class RunOutputOut(RecipeOutputOut):
    """An outcome of a run; `reference` names it as the input of a job once its step has ended."""

    reference: str | None


class RunOut(Stamped):
    """A run of a recipe."""

    project_id: str
    sample_id: str | None
    recipe: str
    recipe_version: str
    preset: str | None
    inputs: Sources
    params: dict[str, Any]
    seed: int
    state: Literal["running", "cancelling", "succeeded", "failed", "cancelled"]
    problem: dict[str, Any] | None
    restarts: int
    steps: list[StepOut]
    outputs: list[RunOutputOut]
    created_by: str
    started_by: Annotated[StartedBy | None, Field(description="Null: the person themselves")]
    finished_at: datetime | None
    version: int

    @classmethod
    def of(cls, view: RunView) -> "RunOut":
        """Describe a run."""
        kept = [name for name in cls.model_fields if name not in {"steps", "outputs"}]
        return cls(
            **{name: getattr(view.run, name) for name in kept},
            steps=[StepOut.of(step) for step in view.steps],
            outputs=[RunOutputOut.model_validate(output) for output in view.outputs],
        )


class MethodsParagraph(Out):
    """What a run did, in sentences made of its record."""

    text: str


class ForeseenStep(Out):
    """What a step would do: take the result of a finished job, or compute."""

    name: str
    title: str
    method: str
    is_reused: bool
    job_id: str | None
    result_id: str | None


class TotalOut(Out):
    """
    What several runs take together [s], one after another; null where none of them tells.

    Of `runs` so many are `told`: with fewer than all, the value is a lower bound. `bounds` are sums of 90 % intervals.
    """

    value: float | None
    unit: Literal["s"] = "s"
    bounds: tuple[float, float] | None
    told: int
    runs: int


class RunPreview(Out):
    """What a run would do: its steps, the time of those that are to be computed, doubts about its inputs."""

    recipe: str
    steps: list[ForeseenStep]
    time: TotalOut
    warnings: list[InputWarningOut]

    @classmethod
    def of(cls, recipe: str, found: "Forecast") -> "RunPreview":
        """Describe what is foreseen."""
        steps = [
            ForeseenStep(
                **{name: getattr(each.step, name) for name in ("name", "title", "method")},
                is_reused=each.job is not None,
                job_id=each.job.id if each.job else None,
                result_id=each.job.result_id if each.job else None,
            )
            for each in found.steps
        ]
        warnings = [InputWarningOut.of(warning) for warning in found.warnings]
        return cls(recipe=recipe, steps=steps, time=TotalOut(**asdict(found.time_s)), warnings=warnings)
