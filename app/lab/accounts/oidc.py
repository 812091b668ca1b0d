"""Single sign-on: OpenID Connect, authorization code with PKCE."""

import secrets
from dataclasses import asdict, dataclass
from typing import Any, cast

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jwt import JWTClaimsRegistry

from app.errors import LabError, NotFound, Unauthenticated
from app.infra.log import get_logger
from app.lab.accounts.schemas import NewUser
from app.lab.schemas import clean_name
from app.settings import Settings

ALGORITHMS = ["ES256", "RS256"]
SCOPE = "openid profile email"
LEEWAY_S = 60
_TIMEOUT_S = 10.0

log = get_logger(__name__)


class SsoUnavailable(LabError):
    """The issuer does not answer as it should."""

    code, status, title = "sso-unavailable", 502, "Single sign-on is not available"


class SsoRefused(Unauthenticated):
    """The issuer's answer proves nothing to us."""

    code, title = "sso-refused", "Single sign-on failed"

    def __init__(self) -> None:
        super().__init__("The issuer's answer could not be verified: start the sign-in again.")


@dataclass(frozen=True)
class Attempt:
    """What the browser brings back: it ties the answer to this sign-in and to nobody else's."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> "Attempt":
        """Make one of random parts."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    def to_json(self) -> dict[str, str]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Identity:
    """Whom the issuer vouches for."""

    subject: str
    new: NewUser


class OidcIssuer:
    """
    The facility's issuer.

    Parameters
    ----------
    settings : Settings
        Issuer, client id and secret; without an issuer single sign-on does not exist.
    redirect_uri : str
        Where the issuer sends the browser back to.
    """

    def __init__(self, settings: Settings, redirect_uri: str) -> None:
        if not settings.oidc_issuer:
            raise NotFound
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._redirect_uri = redirect_uri

    def authorization_url(self, attempt: Attempt) -> str:
        """Return the address at which the person signs in."""
        url: str = prepare_grant_uri(
            self._metadata()["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=self._redirect_uri,
            scope=SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return url

    def identity(self, code: str, attempt: Attempt) -> Identity:
        """Exchange the code and verify whom the issuer vouches for."""
        metadata = self._metadata()
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect_uri, code=code, code_verifier=attempt.verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = self._ask("POST", metadata["token_endpoint"], content=body, headers=headers, auth=self._auth())
        keys = self._ask("GET", metadata["jwks_uri"])
        return self._verified(str(answer.get("id_token", "")), keys, attempt.nonce)

    def _auth(self) -> tuple[str, str]:
        return self._client_id, self._secret

    def _verified(self, id_token: str, keys: dict[str, Any], nonce: str) -> Identity:
        registry = JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            key_set = KeySet.import_key_set(cast("KeySetSerialization", keys))
            claims = jwt.decode(id_token, key_set, algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("id token refused", cause=type(error).__name__)
            raise SsoRefused from None
        if claims.get("azp", self._client_id) != self._client_id:
            raise SsoRefused
        return _identity(self._issuer, claims)

    def _metadata(self) -> dict[str, Any]:
        metadata = self._ask("GET", f"{self._issuer}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if metadata.get("issuer", "").rstrip("/") != self._issuer or not all(metadata.get(name) for name in needed):
            raise SsoUnavailable("The issuer's description names another issuer or leaves addresses out.")
        return metadata

    def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False) as client:
                response = client.request(method, url, **more)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            log.warning("issuer does not answer", cause=type(error).__name__)
            raise SsoUnavailable("The issuer does not answer: sign in with a password or try later.") from None
        if response.status_code != 200 or not isinstance(answer, dict):
            log.warning("issuer refuses", status=response.status_code)
            raise SsoRefused
        return answer


def _identity(issuer: str, claims: dict[str, Any]) -> Identity:
    """Name a member's account; a name of unusable form is replaced, never trusted."""
    subject = f"{issuer}#{claims['sub']}"
    if len(subject) > 500:
        raise SsoRefused
    given = str(claims.get("preferred_username") or claims.get("email") or "").lower()
    login = "".join(mark for mark in given if mark.isascii() and (mark.isalnum() or mark in "._@-"))[:90].lstrip("._@-")
    try:
        display_name = clean_name(str(claims.get("name") or given))
    except ValueError:
        display_name = "Person without name"
    if len(login) < 2:
        login = f"person-{secrets.token_hex(4)}"
    return Identity(subject, NewUser(login=login, display_name=display_name[:200], facility_role="member"))
