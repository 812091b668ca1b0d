"""Recipes and their runs over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from app.infra.house import House
from app.lab.doors import CurrentActor, CurrentLab, refuses, room_router
from app.lab.doors.event_streams import EVENT_STREAM, event_stream, wants_events
from app.lab.doors.paging import Paging
from app.lab.doors.route import REPEATABLE
from app.lab.recipes import streaming
from app.lab.recipes.schemas import MethodsParagraph, RecipeOut, RunOut, RunPreview, request_type
from app.lab.recipes.views import RunView
from app.lab.schemas import Page

router = room_router("recipes")


def make_router(house: House) -> APIRouter:
    """Make the routes whose request body is the union of the recipes' own."""
    made = room_router("recipes")

    def run_recipe(new: Any, actor: CurrentActor, lab: CurrentLab, response: Response) -> RunOut:
        """Run a recipe: each step becomes a job, or takes the result of a finished job that did the same."""
        return _located(response, lab.recipes.start(actor, new))

    def preview_run(new: Any, actor: CurrentActor, lab: CurrentLab) -> RunPreview:
        """Say which steps a run would take from finished jobs and which it would compute; nothing is stored."""
        return RunPreview.of(new.recipe, lab.forecasts.of(actor, new))

    for endpoint in (run_recipe, preview_run):
        endpoint.__annotations__["new"] = request_type(house.recipes)
    made.add_api_route(
        "/recipe-runs", run_recipe, methods=["POST"], status_code=202, operation_id="runRecipe", responses=refuses(409)
    )
    made.add_api_route(
        "/recipe-previews",
        preview_run,
        methods=["POST"],
        operation_id="previewRun",
        responses=refuses(),
        openapi_extra=REPEATABLE,
    )
    return made


def _located(response: Response, view: RunView) -> RunOut:
    response.headers["Location"] = f"/api/v1/recipe-runs/{view.run.id}"
    return RunOut.of(view)


@router.get("/recipes", operation_id="listRecipes", responses=refuses())
def list_recipes(_actor: CurrentActor, lab: CurrentLab) -> Page[RecipeOut]:
    """List every recipe with its steps, parameters and presets."""
    return Page(items=[RecipeOut.of(recipe) for recipe in lab.recipes.all()])


@router.get("/recipes/{recipe_id}", operation_id="getRecipe", responses=refuses())
def get_recipe(recipe_id: str, _actor: CurrentActor, lab: CurrentLab) -> RecipeOut:
    """Return a recipe."""
    return RecipeOut.of(lab.recipes.recipe(recipe_id))


@router.get("/recipe-runs", operation_id="listRecipeRuns", responses=refuses())
def list_runs(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    sample_id: Annotated[str | None, Query(max_length=40)] = None,
    state: Literal["running", "cancelling", "succeeded", "failed", "cancelled"] | None = None,
    recipe: Annotated[str | None, Query(max_length=60)] = None,
    created_by: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[RunOut]:
    """List runs of recipes, newest first."""
    views = lab.recipes.page(
        actor,
        project_id=project_id,
        before=page.cursor.before,
        limit=page.cursor.limit,
        sample_id=sample_id,
        state=state,
        recipe=recipe,
        created_by=created_by,
    )
    return Page(items=[RunOut.of(view) for view in views], next=page.next([view.run.id for view in views]))


@router.get("/recipe-runs/{run_id}", operation_id="getRecipeRun", responses=refuses())
def get_run(run_id: str, actor: CurrentActor, lab: CurrentLab) -> RunOut:
    """Return a run with its steps, the jobs they are, and what is known of its outputs."""
    return RunOut.of(lab.recipes.get(actor, run_id))


@router.get("/recipe-runs/{run_id}/paragraph", operation_id="tellRecipeRun", responses=refuses())
def tell_run(run_id: str, actor: CurrentActor, lab: CurrentLab) -> MethodsParagraph:
    """Say what a run did in the order of its steps: methods, versions, references, what differed from the defaults."""
    return MethodsParagraph(text=lab.recipes.paragraph(actor, run_id))


@router.get(
    "/recipe-runs/{run_id}/events",
    operation_id="followRecipeRun",
    response_model=RunOut,
    responses=refuses() | {200: {"description": "The run whenever it changes", "content": EVENT_STREAM}},
)
def follow_run(
    run_id: str,
    request: Request,
    actor: CurrentActor,
    lab: CurrentLab,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,16}$")] = None,
) -> Any:
    """
    Follow a run.

    Asked for text/event-stream, it sends `run` at once and whenever something changed, and `idle` at the end; else it
    answers with the run as it is. A run is a state: after a break the present one follows, under a later id.
    """
    view = lab.recipes.get(actor, run_id)
    if not wants_events(request):
        return RunOut.of(view)
    return event_stream(request, actor, streaming.events(request, run_id, after=int(last_event_id or 0)))


@router.post(
    "/recipe-runs/{run_id}/cancellation", status_code=202, operation_id="cancelRecipeRun", responses=refuses(409)
)
def cancel_run(run_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> RunOut:
    """Stop a run: its jobs under way are cancelled, finished steps keep their results. Repeating it changes nothing."""
    return _located(response, lab.recipes.cancel(actor, run_id))


@router.post("/recipe-runs/{run_id}/restarts", status_code=202, operation_id="restartRecipeRun", responses=refuses(409))
def restart_run(run_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> RunOut:
    """Go on with a run that failed or was cancelled: finished steps are kept, all others tried again."""
    return _located(response, lab.recipes.restart(actor, run_id))
