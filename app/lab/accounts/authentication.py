"""Who is asking: from a key or a sign-in to an actor."""

import hmac
from datetime import timedelta

from app.errors import Forbidden, Unauthenticated
from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import AccessKey, User
from app.lab.access import Actor, FacilityRole
from app.lab.accounts.repository import AccountRepository

LOGIN_PREFIX = "ses_"


class CsrfFailed(Forbidden):
    """A change by cookie without the proof that our own page sent it."""

    code, title = "csrf-failed", "The change was not sent by a page of this service"


class Authentication:
    """
    Turns credentials into actors; it only reads.

    Parameters
    ----------
    accounts : AccountRepository
        Keys, sign-ins, people.
    idle : timedelta
        A sign-in that was not seen for this long is over.
    """

    def __init__(self, accounts: AccountRepository, *, idle: timedelta) -> None:
        self._accounts = accounts
        self._idle = idle

    def authenticate(self, *, authorization: str | None, cookie: str | None, csrf_token: str | None) -> Actor:
        """
        Return the actor behind a request.

        Parameters
        ----------
        authorization : str or None
            The Authorization header; it wins over the cookie.
        cookie : str or None
            The sign-in cookie.
        csrf_token : str or None
            What the page sent with a change; None for requests that only read.
        """
        if authorization is not None:
            return self._by_key(authorization)
        if cookie:
            return self._by_login(cookie, csrf_token)
        raise Unauthenticated

    def csrf_token(self, cookie: str) -> str:
        """Return the token that pages of a sign-in send with every change; empty when there is no sign-in."""
        login = self._accounts.login(tokens.digest(cookie))
        return login.csrf_token if login else ""

    def on_behalf_of(self, user_id: str) -> Actor | None:
        """Return a person as they may act now, for what the service does in their name; None when they are no more."""
        user = self._accounts.user(user_id)
        return None if user is None or user.disabled_at is not None else self._person(user, "")

    def _by_key(self, authorization: str) -> Actor:
        scheme, _, text = authorization.partition(" ")
        parsed = tokens.parse_key(text.strip()) if scheme.lower() == "bearer" else None
        key = self._accounts.key(parsed[0]) if parsed else None
        # a missing key costs the same comparison as a wrong secret
        fits = tokens.matches(parsed[1] if parsed else "", key.secret_digest if key else tokens.digest("none"))
        if key is None or not fits or key.revoked_at is not None or key.expires_at <= now():
            raise Unauthenticated
        if key.user_id is None:
            return _device(key)
        return self._person(self._accounts.user(key.user_id), key.id, key)

    def _by_login(self, cookie: str, csrf_token: str | None) -> Actor:
        token_digest = tokens.digest(cookie)
        login = self._accounts.login(token_digest)
        instant = now()
        if login is None or login.expires_at <= instant or login.last_seen_at + self._idle <= instant:
            raise Unauthenticated("The sign-in has ended: sign in again.")
        if csrf_token is not None and not hmac.compare_digest(csrf_token.encode(), login.csrf_token.encode()):
            raise CsrfFailed("Send the sign-in's csrf_token in X-CSRF-Token with every change.")
        return self._person(self._accounts.user(login.user_id), LOGIN_PREFIX + token_digest[:36])

    def _person(self, user: User | None, credential_id: str, key: AccessKey | None = None) -> Actor:
        if user is None or user.disabled_at is not None:
            raise Unauthenticated("The account is closed: ask the facility manager.")
        return Actor(
            id=user.id,
            kind="person",
            label=user.display_name,
            facility_role=facility_role(user),
            roles=self._accounts.roles(user.id),
            scopes=None if key is None else frozenset(key.scopes),
            project_ids=_projects(key),
            credential_id=credential_id,
        )


def facility_role(user: User) -> FacilityRole:
    """Return a person's facility role."""
    roles: dict[str, FacilityRole] = {"manager": "manager", "auditor": "auditor", "admin": "admin"}
    return roles.get(user.facility_role, "member")


def _projects(key: AccessKey | None) -> frozenset[str] | None:
    return None if key is None or key.project_ids is None else frozenset(key.project_ids)


def _device(key: AccessKey) -> Actor:
    return Actor(
        id=key.id,
        kind="device",
        label=key.name,
        scopes=frozenset(key.scopes),
        project_ids=_projects(key),
        instrument_id=key.instrument_id,
        credential_id=key.id,
    )
