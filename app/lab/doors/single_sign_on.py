"""Single sign-on at the door: the browser leaves for the issuer with a signed note and comes back with it."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from app.lab.accounts.oidc import Attempt, OidcIssuer, SsoRefused
from app.lab.accounts.sign_in import SignIns
from app.lab.doors.dependencies import house_of, public_address
from app.lab.doors.sign_in import set_cookie

NOTE_COOKIE = "lithoscope_sso"
NOTE_LIFE_S = 600
CALLBACK = "/api/v1/oidc/callback"


def leave(request: Request) -> Response:
    """Send the browser to the issuer."""
    attempt = Attempt.fresh()
    house = house_of(request)
    response = RedirectResponse(OidcIssuer(house.settings, _callback_url(request)).authorization_url(attempt), 303)
    response.set_cookie(
        NOTE_COOKIE,
        _sign(request, attempt),
        max_age=NOTE_LIFE_S,
        path=CALLBACK,
        httponly=True,
        samesite="lax",
        secure=house.settings.secure_cookies,
    )
    return response


def come_back(request: Request, *, code: str | None, state: str | None) -> Response:
    """Sign in whom the issuer vouches for, and go to the first page."""
    attempt = _read(request)
    house = house_of(request)
    issuer = OidcIssuer(house.settings, _callback_url(request))
    if (
        attempt is None
        or code is None
        or state is None
        or not hmac.compare_digest(state.encode(), attempt.state.encode())
    ):
        raise SsoRefused
    identity = issuer.identity(code, attempt)
    opened = SignIns(house).by_subject(identity.subject, identity.new)
    response = RedirectResponse("/", 303)
    set_cookie(response, opened, house.settings)
    response.delete_cookie(NOTE_COOKIE, path=CALLBACK)
    return response


def _callback_url(request: Request) -> str:
    parts = urlsplit(public_address(request))
    return f"{parts.scheme}://{parts.netloc}{CALLBACK}"


def _signature(request: Request, text: str) -> str:
    key: bytes = request.app.state.signing_key
    return hmac.new(key, f"sso:{text}".encode(), hashlib.sha256).hexdigest()


def _sign(request: Request, attempt: Attempt) -> str:
    text = base64.urlsafe_b64encode(json.dumps(attempt.to_json()).encode()).decode()
    return f"{text}.{_signature(request, text)}"


def _read(request: Request) -> Attempt | None:
    text, _, signature = request.cookies.get(NOTE_COOKIE, "").partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(request, text).encode()):
        return None
    return Attempt(**json.loads(base64.urlsafe_b64decode(text)))
