"""People of the facility, for its administrators."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.accounts.passwords import hash_password
from app.lab.accounts.schemas import NewUser
from app.lab.doors.paging import Paging
from app.portal.forms import body_of, fields_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, portal_router

router = portal_router()


@router.get("/people")
def list_people(visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show everybody with an account."""
    rows = visit.lab.accounts.page(visit.actor, page.cursor.before, page.cursor.limit)
    may_administer = allow(visit.actor, Action.ADMINISTER)
    return visit.page(
        "account/people.html", people=rows, may_administer=may_administer, next=page.next([row.id for row in rows])
    )


@router.get("/people/new")
def new_person(visit: CurrentVisit) -> HTMLResponse:
    """Show the form that gives a person an account."""
    return visit.page("form.html", values={}, **_form())


@router.post("/people/new")
def create_person(visit: CurrentVisit) -> Response:
    """Give a person an account."""
    try:
        new = body_of(NewUser, visit.form)
        password_hash = None if new.password is None else hash_password(new.password.get_secret_value())
        visit.lab.accounts.create(visit.actor, new, password_hash)
    except LabError as error:
        return visit.refused(error, "form.html", **_form())
    return seen("/people", "user-made")


def _form() -> dict[str, Any]:
    return {
        "heading": "Give a person an account",
        "lead": "Then make them a member of their projects.",
        "crumbs": [("/people", "People")],
        "action": "/people/new",
        "hidden": {},
        "form_fields": fields_of(NewUser.model_json_schema()),
        "button": "Make the account",
        "back": "/people",
    }
