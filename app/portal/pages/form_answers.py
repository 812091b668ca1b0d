"""What a form asks while it is filled in: is this right, what else is there to choose, how long will it take."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Header, Query
from fastapi.responses import HTMLResponse

from app.errors import NotFound
from app.portal import pickers
from app.portal.checking import Checked, checked_job, checked_run
from app.portal.forms import Field
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import Method
from lithoscope.recipes import Recipe

router = portal_router()
Changed = Annotated[str, Header(alias="HX-Trigger-Name", max_length=400)]
Name = Annotated[str, Query(alias="field", max_length=100)]
Alone = Annotated[bool, Query(description="A form without room for what no field is about")]


@router.post("/methods/{method_id}/checks")
def check_job(method_id: str, visit: CurrentVisit, changed: Changed = "", *, alone: Alone = False) -> HTMLResponse:
    """Say what is wrong with the field that was changed, and what the job would need."""
    found = checked_job(visit, visit.lab.methods.get(method_id), visit.form)
    return _answer(visit, found, changed, alone=alone, has_estimate=not alone, estimate=found.estimate)


@router.post("/recipes/{recipe_id}/checks")
def check_run(recipe_id: str, visit: CurrentVisit, changed: Changed = "", *, alone: Alone = False) -> HTMLResponse:
    """Say what is wrong with the field that was changed, and which steps have been done before."""
    found = checked_run(visit, visit.lab.recipes.recipe(recipe_id), visit.form)
    return _answer(visit, found, changed, alone=alone, has_forecast=not alone, forecast=found.forecast)


@router.post("/methods/{method_id}/picks")
def pick_for_job(method_id: str, name: Name, visit: CurrentVisit, *, alone: Alone = False) -> HTMLResponse:
    """Show what an input of a method may be, by the words that are looked for."""
    return _picked(visit, visit.lab.methods.get(method_id), name, f"/methods/{method_id}", loose=alone)


@router.post("/recipes/{recipe_id}/picks")
def pick_for_run(recipe_id: str, name: Name, visit: CurrentVisit, *, alone: Alone = False) -> HTMLResponse:
    """Show what an input of a recipe may be, by the words that are looked for."""
    return _picked(visit, visit.lab.recipes.recipe(recipe_id), name, f"/recipes/{recipe_id}", loose=alone)


def _answer(visit: Visit, found: Checked, changed: str, *, alone: bool, **context: Any) -> HTMLResponse:
    whole = None if alone else found.whole
    told = {"has_estimate": False, "estimate": None, "has_forecast": False, "forecast": None, **context}
    told["doubts"] = None if alone else found.doubts
    return visit.page("methods/checked.html", wrong=found.of(changed), whole=whole, **told)


def _picked(visit: Visit, thing: Method | Recipe, name: str, home: str, *, loose: bool) -> HTMLResponse:
    found = _field(visit, thing, name)
    if loose and name != pickers.OVER:
        found = replace(found, required=False)
    return visit.page("pickers_found.html", found=found, values=visit.form, home=home, loose=loose)


def _field(visit: Visit, thing: Method | Recipe, name: str) -> Field:
    if name == pickers.OVER:
        return pickers.over_field(visit.lab, visit.actor, thing, visit.form)
    port = next((port for port in thing.inputs if f"inputs.{port.name}" == name), None)
    if port is None:
        raise NotFound
    return pickers.input_field(visit.lab, visit.actor, port, visit.form)
