"""One's own account: who one is, the tokens of one's programs, the password."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.lab.access import Action, allow
from app.lab.accounts.passwords import hash_password
from app.lab.accounts.schemas import NewToken, PasswordChange
from app.lab.accounts.sign_in import SignIns
from app.portal.forms import body_of
from app.portal.held_keys import ASKED, shown
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
TOKENS = 100


@router.get("/account")
def show_account(visit: CurrentVisit) -> HTMLResponse:
    """Show one's account and tokens."""
    return visit.page("account/page.html", values={}, made=None, **_page(visit))


def _page(visit: Visit) -> dict[str, Any]:
    return {
        "tokens": list(shown(visit.lab.accounts.tokens(visit.actor, None, TOKENS))),
        "scopes": ASKED,
        "may_administer": allow(visit.actor, Action.ADMINISTER),
        "may_audit": allow(visit.actor, Action.AUDIT),
    }


@router.post("/account/tokens")
def make_token(visit: CurrentVisit) -> Response:
    """Make a token and show its text on the answer itself, the only time it exists."""
    scopes = [scope for scope, _ in ASKED if visit.form.get(f"scope.{scope}")]
    try:
        new = body_of(NewToken, {"name": visit.form.get("name", "")}, scopes=scopes)
        key, text = visit.lab.accounts.issue_token(visit.actor, new)
    except LabError as error:
        return visit.refused(error, "account/page.html", made=None, **_page(visit))
    return visit.page("account/page.html", values={}, made={"name": key.name, "text": text}, **_page(visit))


@router.post("/account/tokens/{token_id}/revocation")
def revoke_token(token_id: str, visit: CurrentVisit) -> Response:
    """Revoke a token."""
    visit.lab.accounts.revoke_token(visit.actor, token_id)
    return seen("/account", "token-revoked")


@router.post("/account/password")
def change_password(visit: CurrentVisit) -> Response:
    """Give oneself a new password; every sign-in ends."""
    try:
        change = body_of(PasswordChange, visit.form)
        SignIns(visit.lab.house).check_present_password(visit.actor, change.present.get_secret_value())
        visit.lab.accounts.change_own_password(visit.actor, hash_password(change.new.get_secret_value()))
    except LabError as error:
        return visit.refused(error, "account/page.html", made=None, **_page(visit))
    return seen("/sign-in", "password-changed")
