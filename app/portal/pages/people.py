"""People of the facility: everybody with an account, inviting somebody, one person's account."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow, require
from app.lab.accounts.schemas import NewUser, UserChange
from app.lab.doors.dependencies import public_address
from app.lab.doors.paging import Paging
from app.portal.forms import body_of, fields_of, version_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
STATES = {"open": False, "closed": True}
ROLES = (
    ("member", "works in projects"),
    ("manager", "also runs instruments, projects, queues"),
    ("auditor", "reads the audit log, sees no project"),
    ("admin", "everything, also people"),
)


@router.get("/people")
def list_people(
    visit: CurrentVisit,
    page: Paging,
    q: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=20)] = "all",
) -> HTMLResponse:
    """Show everybody with an account."""
    cursor = page.cursor
    rows = visit.lab.accounts.page(
        visit.actor, cursor.before, cursor.limit, text=q.strip() or None, is_disabled=STATES.get(state)
    )
    return visit.page(
        "account/people.html",
        people=rows,
        q=q,
        state=state,
        invited=visit.lab.invitations.open_until(visit.actor),
        may_administer=allow(visit.actor, Action.ADMINISTER),
        next=page.next([row.id for row in rows]),
    )


@router.get("/people/new")
def new_person(visit: CurrentVisit) -> HTMLResponse:
    """Show the form that invites a person."""
    require(visit.actor, Action.ADMINISTER)
    return visit.page("form.html", values={}, **_form())


@router.post("/people/new")
def create_person(visit: CurrentVisit) -> Response:
    """Give a person an account, and show the link with which they choose their password."""
    try:
        user = visit.lab.accounts.create(visit.actor, body_of(NewUser, visit.form), None)
        invitation = _invite(visit, user.id)
    except LabError as error:
        return visit.refused(error, "form.html", **_form())
    return visit.page("account/person.html", values={}, invitation=invitation, **_page(visit, user.id))


def _form() -> dict[str, Any]:
    return {
        "heading": "Invite a person",
        "lead": "Makes the account and a one-time link with which the person chooses a password. "
        "Then make them a member of their projects.",
        "crumbs": [("/people", "People")],
        "action": "/people/new",
        "hidden": {},
        "form_fields": fields_of(NewUser.model_json_schema(), leave_out=frozenset({"password"})),
        "button": "Make account and link",
        "back": "/people",
    }


def _invite(visit: Visit, user_id: str) -> dict[str, Any]:
    row, code = visit.lab.invitations.invite(visit.actor, user_id)
    return {"link": f"{public_address(visit.request)}/invitation?code={code}", "expires_at": row.expires_at}


@router.get("/people/{user_id}")
def show_person(user_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a person's account, sign-ins and projects."""
    return visit.page("account/person.html", values={}, invitation=None, **_page(visit, user_id))


def _page(visit: Visit, user_id: str) -> dict[str, Any]:
    lab, actor = visit.lab, visit.actor
    person = lab.accounts.get(actor, user_id)
    may_list = allow(actor, Action.MANAGE)
    return {
        "person": person,
        "roles": ROLES,
        "memberships": lab.accounts.memberships(actor, user_id),
        "sessions": lab.invitations.sessions(actor, user_id),
        "invited_until": lab.invitations.open_until(actor).get(user_id) if may_list else None,
        "may_list": may_list,
        "may_administer": allow(actor, Action.ADMINISTER),
    }


@router.post("/people/{user_id}")
def change_person(user_id: str, visit: CurrentVisit) -> Response:
    """Change a person's name and facility role."""
    return _changed(visit, user_id, "user-changed")


@router.post("/people/{user_id}/closing")
def close_account(user_id: str, visit: CurrentVisit) -> Response:
    """Close an account; its sign-ins and tokens end at once."""
    return _changed(visit, user_id, "user-closed", is_disabled=True)


@router.post("/people/{user_id}/opening")
def open_account(user_id: str, visit: CurrentVisit) -> Response:
    """Open a closed account again."""
    return _changed(visit, user_id, "user-opened", is_disabled=False)


def _changed(visit: Visit, user_id: str, notice: str, **more: Any) -> Response:
    try:
        version = version_of(visit.form)
        asked = {name: text for name, text in visit.form.items() if name != "version"}
        visit.lab.accounts.change(visit.actor, user_id, body_of(UserChange, asked, **more), version=version)
    except LabError as error:
        visit.lab.session.rollback()
        return visit.refused(error, "account/person.html", invitation=None, **_page(visit, user_id))
    return seen(f"/people/{user_id}", notice)


@router.post("/people/{user_id}/invitation")
def invite_again(user_id: str, visit: CurrentVisit) -> Response:
    """Make a new one-time link, shown on the answer itself, the only time it exists as text."""
    try:
        invitation = _invite(visit, user_id)
    except LabError as error:
        visit.lab.session.rollback()
        return visit.refused(error, "account/person.html", invitation=None, **_page(visit, user_id))
    return visit.page("account/person.html", values={}, invitation=invitation, **_page(visit, user_id))


@router.post("/people/{user_id}/sign-outs")
def end_sessions(user_id: str, visit: CurrentVisit) -> Response:
    """End every sign-in of a person."""
    visit.lab.invitations.end_sessions(visit.actor, user_id)
    return seen(f"/people/{user_id}", "user-signed-out")
