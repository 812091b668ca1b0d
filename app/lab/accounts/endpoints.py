"""Accounts, sign-ins and tokens over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from app.infra.db.models import AccessKey
from app.lab.accounts.passwords import hash_password
from app.lab.accounts.schemas import (
    InvitationOut,
    InvitationRedemption,
    KeyOut,
    Me,
    NewToken,
    NewUser,
    PasswordChange,
    ProjectCode,
    SessionOut,
    Setup,
    SignedIn,
    SignIn,
    TokenMade,
    TokenOut,
    UserChange,
    UserOut,
)
from app.lab.accounts.sign_in import SignIns
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, Paging, etag, refuses, room_router, single_sign_on
from app.lab.doors.dependencies import LOGIN_COOKIE, CurrentHouse, check_origin, public_address
from app.lab.doors.sign_in import forget_cookie, sign_in
from app.lab.schemas import Page

router = room_router("accounts")


@router.post("/setup", status_code=201, operation_id="setUp", responses=refuses())
def set_up(setup: Setup, house: CurrentHouse, request: Request, response: Response) -> UserOut:
    """Make the first administrator with the one-time code that the service printed at its first start."""
    check_origin(request)
    response.headers["Cache-Control"] = "no-store"
    return UserOut.model_validate(SignIns(house).set_up(setup))


@router.post("/sessions", status_code=201, operation_id="signIn", responses=refuses(503))
def start_session(given: SignIn, request: Request, response: Response) -> SignedIn:
    """Sign in with a local password; sets the cookie and answers with the token for changes."""
    opened = sign_in(request, response, given)
    user = UserOut.model_validate(opened.user)
    return SignedIn(user=user, csrf_token=opened.csrf_token, expires_at=opened.expires_at)


@router.get("/oidc/authorization", status_code=303, operation_id="startSingleSignOn", responses=refuses(502))
def start_single_sign_on(request: Request) -> Response:
    """Go to the facility's OIDC issuer to sign in."""
    return single_sign_on.leave(request)


@router.get("/oidc/callback", status_code=303, operation_id="finishSingleSignOn", responses=refuses(502))
def finish_single_sign_on(
    request: Request,
    code: Annotated[str | None, Query(max_length=2000)] = None,
    state: Annotated[str | None, Query(max_length=200)] = None,
    error: Annotated[str | None, Query(max_length=200)] = None,  # noqa: ARG001 - the issuer's own refusal
    error_description: Annotated[str | None, Query(max_length=2000)] = None,  # noqa: ARG001
    iss: Annotated[str | None, Query(max_length=500)] = None,  # noqa: ARG001 - RFC 9207; the id token proves it
    session_state: Annotated[str | None, Query(max_length=500)] = None,  # noqa: ARG001
) -> Response:
    """Come back from the OIDC issuer; sets the cookie and goes to the first page."""
    return single_sign_on.come_back(request, code=code, state=state)


@router.delete("/sessions/current", status_code=204, operation_id="signOut", responses=refuses())
def end_session(request: Request, actor: CurrentActor, lab: CurrentLab, response: Response) -> None:
    """Sign out."""
    lab.accounts.sign_out(actor, request.cookies.get(LOGIN_COOKIE, ""))
    forget_cookie(response, lab.house.settings)


@router.get("/me", operation_id="getMe", responses=refuses())
def get_me(actor: CurrentActor, lab: CurrentLab) -> Me:
    """Say who asks and what they may."""
    return Me(
        id=actor.id,
        kind=actor.kind,
        label=actor.label,
        facility_role=actor.facility_role,
        roles=actor.roles,
        scopes=None if actor.scopes is None else sorted(actor.scopes),
        project_ids=None if actor.project_ids is None else sorted(actor.project_ids),
        instrument_id=actor.instrument_id,
        projects=[ProjectCode(id=each.id, code=each.code) for each in lab.projects.open_to(actor)],
    )


@router.put("/me/password", status_code=204, operation_id="changeOwnPassword", responses=refuses(503))
def change_own_password(change: PasswordChange, actor: CurrentActor, house: CurrentHouse, lab: CurrentLab) -> None:
    """Give oneself a new password; every sign-in of the account ends."""
    SignIns(house).check_present_password(actor, change.present.get_secret_value())
    lab.accounts.change_own_password(actor, hash_password(change.new.get_secret_value()))


@router.post("/users", status_code=201, operation_id="createUser", responses=refuses(409, 503))
def create_user(new: NewUser, actor: CurrentActor, lab: CurrentLab, response: Response) -> UserOut:
    """Give a person an account."""
    user = lab.accounts.create(actor, new, lab.accounts.hash_for_another(actor, new.password))
    response.headers["Location"] = f"/api/v1/users/{user.id}"
    etag(response, user.version)
    return UserOut.model_validate(user)


@router.get("/users", operation_id="listUsers", responses=refuses())
def list_users(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name")] = None,
    is_disabled: Annotated[bool | None, Query(description="Closed accounts, or open ones")] = None,
) -> Page[UserOut]:
    """List people, newest first; for administrators and managers."""
    rows = lab.accounts.page(actor, page.cursor.before, page.cursor.limit, text=q, is_disabled=is_disabled)
    return Page(items=[UserOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/users/{user_id}", operation_id="getUser", responses=refuses())
def get_user(user_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> UserOut:
    """Return a person."""
    user = lab.accounts.get(actor, user_id)
    etag(response, user.version)
    return UserOut.model_validate(user)


@router.patch("/users/{user_id}", operation_id="changeUser", responses=refuses(409, 412, 428, 503))
def change_user(
    user_id: str, change: UserChange, version: IfMatch, actor: CurrentActor, lab: CurrentLab, response: Response
) -> UserOut:
    """Change a person's name, facility role or password, or close their account."""
    password_hash = lab.accounts.hash_for_another(actor, change.password)
    user = lab.accounts.change(actor, user_id, change, version=version, password_hash=password_hash)
    etag(response, user.version)
    return UserOut.model_validate(user)


@router.post("/users/{user_id}/invitations", status_code=201, operation_id="createInvitation", responses=refuses(409))
def create_invitation(
    user_id: str, actor: CurrentActor, lab: CurrentLab, request: Request, response: Response
) -> InvitationOut:
    """Make the one-time link with which a person chooses a password, first or anew; it works for seven days."""
    row, code = lab.invitations.invite(actor, user_id)
    response.headers["Cache-Control"] = "no-store"
    link = f"{public_address(request)}/invitation?code={code}"
    return InvitationOut(user_id=user_id, code=code, link=link, expires_at=row.expires_at)


@router.post("/invitation-redemptions", status_code=201, operation_id="redeemInvitation", responses=refuses(503))
def redeem_invitation(
    given: InvitationRedemption, house: CurrentHouse, request: Request, response: Response
) -> UserOut:
    """Choose one's password with a one-time link; earlier sign-ins of the account end."""
    check_origin(request)
    response.headers["Cache-Control"] = "no-store"
    return UserOut.model_validate(SignIns(house).take_up(given))


@router.get("/users/{user_id}/sessions", operation_id="listSessions", responses=refuses())
def list_sessions(user_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[SessionOut]:
    """List a person's sign-ins that still hold."""
    return Page(items=[SessionOut.model_validate(row) for row in lab.invitations.sessions(actor, user_id)])


@router.delete("/users/{user_id}/sessions", status_code=204, operation_id="endSessions", responses=refuses())
def end_sessions(user_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """End every sign-in of a person at once; for administrators."""
    lab.invitations.end_sessions(actor, user_id)


@router.get("/access-keys", operation_id="listAccessKeys", responses=refuses())
def list_access_keys(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    kind: Annotated[Literal["token", "device"] | None, Query(description="Of programs, or of instrument PCs")] = None,
    is_live: Annotated[bool | None, Query(description="Neither revoked nor ended, or the rest")] = None,
) -> Page[KeyOut]:
    """List everybody's tokens and device keys, newest first; for managers and administrators."""
    rows = lab.keys.page(actor, page.cursor.before, page.cursor.limit, kind=kind, is_live=is_live)
    items = [KeyOut(**_columns(row.key), owner=row.owner, is_live=row.is_live) for row in rows]
    return Page(items=items, next=page.next([row.key.id for row in rows]))


def _columns(key: AccessKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in KeyOut.model_fields if hasattr(key, name)}


@router.post("/tokens", status_code=201, operation_id="createToken", responses=refuses(409))
def create_token(new: NewToken, actor: CurrentActor, lab: CurrentLab, response: Response) -> TokenMade:
    """Make a token for a program; its key is shown this once."""
    key, text = lab.accounts.issue_token(actor, new)
    response.headers["Cache-Control"] = "no-store"
    return TokenMade(**_token(key).model_dump(), key=text)


@router.get("/tokens", operation_id="listTokens", responses=refuses())
def list_tokens(actor: CurrentActor, lab: CurrentLab, page: Paging) -> Page[TokenOut]:
    """List one's own tokens, newest first."""
    rows = lab.accounts.tokens(actor, page.cursor.before, page.cursor.limit)
    return Page(items=[_token(row) for row in rows], next=page.next([row.id for row in rows]))


@router.delete("/tokens/{token_id}", status_code=204, operation_id="revokeToken", responses=refuses())
def revoke_token(token_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Revoke a token of one's own, or anybody's for managers; it stops working at once."""
    lab.accounts.revoke_token(actor, token_id)


def _token(key: AccessKey) -> TokenOut:
    return TokenOut.model_validate(key)
