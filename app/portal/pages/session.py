"""Coming and going: sign-in, sign-out, the first administrator, the colours."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from app.errors import LabError
from app.lab.accounts.schemas import Setup, SignIn
from app.lab.accounts.sign_in import SignIns
from app.lab.doors.dependencies import LOGIN_COOKIE, CurrentHouse, check_origin
from app.lab.doors.sign_in import forget_cookie, sign_in
from app.portal.forms import body_of, errors_of
from app.portal.rendering import THEME_COOKIE, THEMES, local_address, page, seen
from app.portal.visit import CurrentVisit, Done, FormValues, portal_router

router = portal_router()
YEAR_S = 365 * 24 * 3600
Next = Annotated[str, Query(alias="next", max_length=2000)]
OIDC_START = "/api/v1/oidc/authorization"


@router.get("/sign-in")
def show_sign_in(request: Request, wanted: Next = "/", done: Done = None) -> Response:  # noqa: ARG001 - read by the page
    """Show the sign-in form."""
    return _sign_in_page(request, wanted)


@router.post("/sign-in")
def start_session(request: Request, form: FormValues) -> Response:
    """Sign in and go on to the page that was asked for."""
    wanted = local_address(form.pop("next", "/"))
    response = RedirectResponse(wanted, 303)
    try:
        sign_in(request, response, body_of(SignIn, form))
    except LabError as error:
        return _sign_in_page(request, wanted, status=error.status, errors={"": error.detail}, values=form)
    return response


def _sign_in_page(request: Request, wanted: str, **context: object) -> Response:
    oidc = OIDC_START if request.app.state.house.settings.oidc_issuer else None
    shown: dict[str, object] = {"values": {}, "next": local_address(wanted), "oidc": oidc}
    return page(request, "sign_in.html", **(shown | context))  # type: ignore[arg-type]


@router.post("/sign-out")
def end_session(visit: CurrentVisit) -> Response:
    """Sign out."""
    visit.lab.accounts.sign_out(visit.actor, visit.request.cookies.get(LOGIN_COOKIE, ""))
    response = seen("/sign-in", "signed-out")
    forget_cookie(response, visit.lab.house.settings)
    return response


@router.get("/setup")
def show_setup(request: Request, code: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show the form for the first administrator, reached by the link the service printed."""
    return page(request, "setup.html", values={"code": code})


@router.post("/setup")
def set_up(request: Request, house: CurrentHouse, form: FormValues) -> Response:
    """Make the first administrator."""
    try:
        check_origin(request)
        SignIns(house).set_up(body_of(Setup, form))
    except LabError as error:
        return page(request, "setup.html", status=error.status, errors=errors_of(error), values=form)
    return seen("/sign-in", "administrator-made")


@router.post("/theme")
def choose_theme(form: FormValues) -> Response:
    """Remember the colours for a year."""
    response = seen(local_address(form.get("next")))
    theme = form.get("theme", "auto")
    response.set_cookie(
        THEME_COOKIE, theme if theme in THEMES else "auto", max_age=YEAR_S, httponly=True, samesite="lax"
    )
    return response
