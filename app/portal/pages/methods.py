"""Methods: the catalogue, one method's page, the form that runs it."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.jobs.schemas import request_type
from app.portal import pickers
from app.portal.checking import checked_job
from app.portal.forms import LOOK, Values, body_of, fields_of, group_of, sectioned, text_of
from app.portal.methods import by_technique, tells
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import Method

router = portal_router()
Reference = Annotated[str | None, Query(alias="input", max_length=200, description="What to work on: ds_.../array")]
Id = Annotated[str | None, Query(max_length=40)]
Words = Annotated[str, Query(max_length=200, description="Words of a title, description or reference")]


@router.get("/methods")
def list_methods(visit: CurrentVisit, q: Words = "") -> HTMLResponse:
    """Show the analyses the facility offers by what they are for, all or those that words are found in."""
    found = [method for method in visit.lab.methods.all() if tells(method, q)]
    return visit.page("methods/list.html", groups=by_technique(found), q=q)


@router.get("/methods/{method_id}")
def show_method(method_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show what a method takes, gives and follows."""
    method = visit.lab.methods.get(method_id)
    parameters = fields_of(method.params.model_json_schema())
    return visit.page("methods/page.html", method=method, parameters=parameters)


@router.get("/methods/{method_id}/run")
def show_form(
    method_id: str, visit: CurrentVisit, reference: Reference = None, sample_id: Id = None, like: Id = None
) -> HTMLResponse:
    """Show the form of a method; ``input`` fills its inputs, ``like`` repeats the values of a job."""
    method = visit.lab.methods.get(method_id)
    values: Values = _values_of(visit, like) if like else {}
    values |= pickers.given_values(visit.lab, visit.actor, method, reference)
    found = checked_job(visit, method, values)
    told = {"estimate": found.estimate, "doubts": found.doubts}
    return visit.page("methods/run.html", values=values, **told, **_form(visit, method, values, sample_id))


@router.post("/methods/{method_id}/run")
def submit_job(method_id: str, visit: CurrentVisit) -> Response:
    """Submit a job; the service validates it as it does a program's."""
    method = visit.lab.methods.get(method_id)
    context = {**_form(visit, method, visit.form, None), "estimate": None, "doubts": ()}
    if LOOK in visit.form:
        return visit.page("methods/run.html", values=visit.form, **context)
    try:
        job = visit.lab.jobs.submit(visit.actor, body_of(request_type({method.id: method}), visit.form))
    except LabError as error:
        return visit.refused(error, "methods/run.html", **context)
    return seen(f"/jobs/{job.id}", "job-submitted")


def _form(visit: Visit, method: Method, values: Values, sample_id: str | None) -> dict[str, Any]:
    inputs = pickers.input_fields(visit.lab, visit.actor, method, values, sample_id=sample_id)
    schema = request_type({method.id: method}).model_json_schema()
    sections = sectioned(group_of(schema, "params"), method.sections)
    return {"method": method, "input_fields": inputs, "sections": sections}


def _values_of(visit: Visit, job_id: str) -> Values:
    job = visit.lab.jobs.get(visit.actor, job_id)
    params = {f"params.{name}": text_of(value) for name, value in job.params.items() if value is not None}
    return params | pickers.values_of(job.inputs)
