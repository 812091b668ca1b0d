"""The sign-in at the door: failures are counted, the cookie is set."""

from fastapi import Request, Response

from app.lab.accounts.schemas import SignIn
from app.lab.accounts.sign_in import Opened, SignIns, WrongPassword
from app.lab.doors import rates
from app.lab.doors.dependencies import LOGIN_COOKIE, check_origin, house_of
from app.settings import Settings


def sign_in(request: Request, response: Response, given: SignIn) -> Opened:
    """
    Check a password and set the cookie.

    Five failures of one account from one address within 15 minutes close the door to that pair for the rest of them.
    """
    check_origin(request)
    counters: rates.Rates = request.app.state.rates
    pair = ("failed-sign-in", given.login, rates.address(request))
    if counters.is_full(rates.FAILED_SIGN_INS, *pair):
        _, wait_s = counters.left(rates.FAILED_SIGN_INS, *pair)
        raise rates.TooManyFailures("Wait as Retry-After says, then try again.", headers={"Retry-After": str(wait_s)})
    house = house_of(request)
    try:
        opened = SignIns(house).by_password(given)
    except WrongPassword:
        counters.take(rates.FAILED_SIGN_INS, *pair)
        raise
    set_cookie(response, opened, house.settings)
    return opened


def set_cookie(response: Response, opened: Opened, settings: Settings) -> None:
    """Hand the sign-in to the browser; scripts cannot read it."""
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        LOGIN_COOKIE,
        opened.cookie,
        max_age=settings.login_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )


def forget_cookie(response: Response, settings: Settings) -> None:
    """Take the sign-in from the browser."""
    response.delete_cookie(LOGIN_COOKIE, httponly=True, samesite="lax", secure=settings.secure_cookies)
