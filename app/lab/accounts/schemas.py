"""What people, sign-ins and tokens look like from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, SecretStr, Strict

from app.lab.access import Action, FacilityRole
from app.lab.schemas import Body, Flag, Instant, Name, ObjectId, Out, Stamped

LoginName = Annotated[
    str,
    Strict(),
    Field(pattern=r"^[a-z0-9][a-z0-9._@-]{1,99}$", description="Small letters, digits and . _ @ -"),
]
Password = Annotated[SecretStr, Field(min_length=12, max_length=200, description="At least 12 characters")]
AnyText = Annotated[SecretStr, Field(max_length=200)]
Scope = Literal[
    "data:read",
    "samples:write",
    "data:write",
    "uploads:write",
    "jobs:run",
    "projects:steward",
    "facility:manage",
    "facility:admin",
    "facility:audit",
]
SCOPES: frozenset[str] = frozenset(action.value for action in Action)


class Setup(Body):
    """The first administrator, made with the code that the service printed at its first start."""

    code: AnyText
    login: LoginName
    display_name: Name
    password: Password


class InvitationRedemption(Body):
    """A person who takes up a one-time link and chooses a password."""

    code: AnyText
    password: Password


class SignIn(Body):
    """A sign-in with a local password."""

    login: Annotated[str, Strict(), Field(max_length=100)]
    password: AnyText


class NewUser(Body):
    """A person to give an account."""

    login: LoginName
    display_name: Name
    facility_role: FacilityRole = "member"
    password: Annotated[Password | None, Field(description="Left out for people who sign in through OIDC")] = None


class UserChange(Body):
    """What may be changed; a field left out stays."""

    display_name: Name | None = None
    facility_role: FacilityRole | None = None
    is_disabled: Flag | None = None
    password: Password | None = None


class PasswordChange(Body):
    """A person's own new password."""

    present: AnyText
    new: Password


class NewToken(Body):
    """A token for programs; it can do at most what its owner can."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    project_ids: Annotated[
        list[ObjectId] | None, Field(min_length=1, max_length=100, description="Left out: all of the owner's")
    ] = None
    expires_at: Annotated[Instant | None, Field(description="At most one year ahead; 90 days when left out")] = None


class UserOut(Stamped):
    """A person."""

    login: str
    display_name: str
    facility_role: str
    disabled_at: datetime | None
    last_seen_at: datetime | None
    signs_in_by: Literal["issuer", "password", "nothing"]
    version: int


class InvitationOut(Out):
    """A one-time link with which a person chooses their password; it is shown this once."""

    user_id: str
    code: str
    link: str
    expires_at: datetime


class SessionOut(Out):
    """A sign-in of a person that still holds."""

    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class ProjectCode(Out):
    """A project by its code."""

    id: str
    code: str


class Me(Out):
    """Who asks, and what they may."""

    id: str
    kind: str
    label: str
    facility_role: str
    roles: dict[str, str]
    scopes: list[str] | None
    project_ids: list[str] | None
    instrument_id: str | None
    projects: Annotated[list[ProjectCode], Field(description="Those you may send to: the newest 1,000")]


class SignedIn(Out):
    """A sign-in; the cookie carries its secret, the token belongs into X-CSRF-Token of every change."""

    user: UserOut
    csrf_token: str
    expires_at: datetime


class TokenOut(Stamped):
    """A token without its secret."""

    name: str
    scopes: list[str]
    project_ids: list[str] | None
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class TokenMade(TokenOut):
    """A token just made; ``key`` is shown this once."""

    key: str


class KeyOut(TokenOut):
    """Anybody's token or device key, without its secret; ``owner`` is what the person or instrument is called."""

    kind: Literal["token", "device"]
    user_id: str | None
    instrument_id: str | None
    owner: str
    is_live: bool
