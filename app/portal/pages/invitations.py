"""The page a one-time link leads to: a person chooses their password."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from app.errors import LabError
from app.lab.accounts.schemas import InvitationRedemption
from app.lab.accounts.sign_in import SignIns
from app.lab.doors.dependencies import CurrentHouse, check_origin
from app.portal.forms import body_of, errors_of
from app.portal.rendering import page, seen
from app.portal.visit import FormValues, portal_router

router = portal_router()


@router.get("/invitation")
def show_invitation(
    request: Request, house: CurrentHouse, code: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Show the form on which the person of a link chooses a password; a dead link says so."""
    return page(request, "account/invitation.html", values={"code": code}, person=_person(house, code))


def _person(house: CurrentHouse, code: str) -> object:
    try:
        return SignIns(house).invited(code)
    except LabError:
        return None


@router.post("/invitation")
def take_up_invitation(request: Request, house: CurrentHouse, form: FormValues) -> Response:
    """Set the password; the link is spent."""
    try:
        check_origin(request)
        SignIns(house).take_up(body_of(InvitationRedemption, form))
    except LabError as error:
        person = _person(house, form.get("code", ""))
        return page(
            request,
            "account/invitation.html",
            status=error.status,
            errors=errors_of(error),
            values=form,
            person=person,
        )
    return seen("/sign-in", "invitation-taken-up")
