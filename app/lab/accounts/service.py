"""What the facility does with accounts and tokens; nobody commits here."""

from datetime import datetime, timedelta

from pydantic import SecretStr

from app.errors import Conflict, Forbidden, Invalid, LabError, NotFound, StaleVersion
from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import AccessKey, Membership, OneTimeCode, Project, User
from app.infra.ids import new_id
from app.lab.access import SYSTEM, Action, Actor, allow, require
from app.lab.accounts.passwords import hash_password
from app.lab.accounts.repository import INVITATION, AccountRepository
from app.lab.accounts.schemas import NewToken, NewUser, UserChange
from app.lab.audit.service import AuditLog

FIRST_ADMINISTRATOR = "first-administrator"
CODE_LIFE = timedelta(days=7)
TOKEN_LIFE = timedelta(days=90)
LONGEST_TOKEN_LIFE = timedelta(days=366)


class LoginTaken(Conflict):
    """Login names are unique in the facility."""

    code, title = "login-taken", "The login name is taken"


class LastAdministrator(Conflict):
    """Somebody must be able to administer the facility."""

    code, title = "last-administrator", "The last administrator stays"


class BadCode(LabError):
    """A one-time code that is wrong, used or too old."""

    code, status, title = "bad-code", 403, "The code does not work"

    def __init__(self) -> None:
        super().__init__("The code is wrong, was used before or is too old: ask for a fresh one.")


class AccountService:
    """Keeps people and the tokens of their programs."""

    def __init__(self, accounts: AccountRepository, audit: AuditLog) -> None:
        self._accounts = accounts
        self._audit = audit

    def first_administrator_code(self) -> str | None:
        """Make the code for the first administrator's link; None when somebody has an account already."""
        if self._accounts.has_users():
            return None
        self._accounts.drop_unused_codes(FIRST_ADMINISTRATOR)
        code = tokens.new_secret()
        self._accounts.add(
            OneTimeCode(
                id=new_id("otc"),
                purpose=FIRST_ADMINISTRATOR,
                code_digest=tokens.digest(code),
                payload={},
                created_by=SYSTEM.id,
                expires_at=now() + CODE_LIFE,
            )
        )
        return code

    def check_first_administrator_code(self, code: str) -> OneTimeCode:
        """Return the code's row while it works."""
        row = self._accounts.code(FIRST_ADMINISTRATOR, tokens.digest(code))
        if row is None or row.used_at is not None or row.expires_at <= now() or self._accounts.has_users():
            raise BadCode
        return row

    def set_up(self, code: str, new: NewUser, password_hash: str) -> User:
        """Make the first administrator and spend the code."""
        if not self._accounts.use_code(self.check_first_administrator_code(code), now()):
            raise BadCode
        return self._add(SYSTEM, new, password_hash)

    def hash_for_another(self, actor: Actor, password: SecretStr | None) -> str | None:
        """Hash the password an administrator gives to a person; call it before anything of the database is asked."""
        require(actor, Action.ADMINISTER)
        return None if password is None else hash_password(password.get_secret_value())

    def create(self, actor: Actor, new: NewUser, password_hash: str | None) -> User:
        """Give a person an account."""
        require(actor, Action.ADMINISTER)
        return self._add(actor, new, password_hash)

    def _add(self, actor: Actor, new: NewUser, password_hash: str | None, *, subject: str | None = None) -> User:
        if self._accounts.user_by_login(new.login) is not None:
            raise LoginTaken("Another person has this login name: choose another.")
        user = User(
            id=new_id("usr"),
            login=new.login,
            display_name=new.display_name,
            facility_role=new.facility_role,
            password_hash=password_hash,
            oidc_subject=subject,
            created_at=now(),
        )
        self._accounts.add(user)
        self._audit.record(actor, "user.create", user.id, facility_role=new.facility_role)
        return user

    def of_subject(self, subject: str, new: NewUser) -> User:
        """Return the person an OIDC issuer vouches for; a member's account is made at their first sign-in."""
        user = self._accounts.user_by_subject(subject)
        if user is None:
            free = new
            if self._accounts.user_by_login(new.login) is not None:  # never join a local account by its name
                free = new.model_copy(update={"login": f"{new.login[:80]}-{new_id('usr')[-8:]}"})
            user = self._add(SYSTEM, free, None, subject=subject)
        return user

    def get(self, actor: Actor, user_id: str) -> User:
        """Return a person: oneself, or anybody for administrators and managers."""
        user = self._accounts.user(user_id)
        if user is None or (user.id != actor.id and not self._may_list(actor)):
            raise NotFound
        return user

    def page(
        self,
        actor: Actor,
        before: str | None,
        limit: int,
        *,
        text: str | None = None,
        is_disabled: bool | None = None,
    ) -> list[User]:
        """Return people, newest first; for administrators and managers."""
        if not self._may_list(actor):
            require(actor, Action.ADMINISTER)
        return self._accounts.users(before, limit, text=text, is_disabled=is_disabled)

    def memberships(self, actor: Actor, user_id: str) -> list[tuple[Membership, Project]]:
        """Return the projects of a person whom the actor may see, with their role in each."""
        return self._accounts.memberships(self.get(actor, user_id).id)

    def _may_list(self, actor: Actor) -> bool:
        return allow(actor, Action.MANAGE)

    def change(
        self, actor: Actor, user_id: str, change: UserChange, *, version: int, password_hash: str | None = None
    ) -> User:
        """Change a person's account; disabling one or giving it a new password ends its sign-ins."""
        require(actor, Action.ADMINISTER)
        user = self.get(actor, user_id)
        if user.version != version:
            raise StaleVersion
        loses_admin = change.is_disabled or change.facility_role not in {None, "admin"}
        is_admin = user.facility_role == "admin" and user.disabled_at is None
        if loses_admin and is_admin and self._accounts.active_admins() == 1:
            raise LastAdministrator("Make another person administrator first.")
        self._apply(user, change, password_hash)
        if change.is_disabled or password_hash is not None:
            self._accounts.end_logins(user.id)
            self._accounts.drop_unused_codes(INVITATION, user_id=user.id)
        fields = change.model_dump(exclude_unset=True, exclude={"password"})
        self._audit.record(actor, "user.change", user.id, after=fields, password_changed=password_hash is not None)
        return user

    def _apply(self, user: User, change: UserChange, password_hash: str | None) -> None:
        user.display_name = change.display_name or user.display_name
        user.facility_role = change.facility_role or user.facility_role
        user.password_hash = password_hash or user.password_hash
        if change.is_disabled is not None:
            user.disabled_at = (user.disabled_at or now()) if change.is_disabled else None
        self._accounts.change(user)

    def change_own_password(self, actor: Actor, password_hash: str) -> None:
        """Give oneself a new password; every sign-in ends, and a one-time link nobody used."""
        user = self._accounts.user(require_sign_in(actor).id)
        if user is None:
            raise NotFound
        user.password_hash = password_hash
        self._accounts.change(user)
        self._accounts.end_logins(user.id)
        self._accounts.drop_unused_codes(INVITATION, user_id=user.id)
        self._audit.record(actor, "user.password", user.id)

    def issue_token(self, actor: Actor, new: NewToken) -> tuple[AccessKey, str]:
        """Make a token of one's own; returns its row and the text that is shown once."""
        require_sign_in(actor)
        if new.project_ids is not None and not actor.sees_all_projects and set(new.project_ids) - set(actor.roles):
            raise Invalid.field("/body/project_ids", "A token is limited to projects of yours: one of these is not.")
        secret = tokens.new_secret()
        key = AccessKey(
            id=new_id("key"),
            kind="token",
            name=new.name,
            secret_digest=tokens.digest(secret),
            user_id=actor.id,
            scopes=sorted(set(new.scopes)),
            project_ids=new.project_ids,
            created_at=now(),
            expires_at=_expiry(new.expires_at),
        )
        self._accounts.add(key)
        self._audit.record(actor, "token.create", key.id, scopes=key.scopes, project_ids=key.project_ids)
        return key, tokens.key_text(key.id, secret)

    def tokens(self, actor: Actor, before: str | None, limit: int) -> list[AccessKey]:
        """Return one's own tokens, newest first."""
        if actor.kind != "person":
            raise Forbidden("Tokens belong to people: a device key has none.")
        return self._accounts.keys_of(actor.id, before, limit)

    def revoke_token(self, actor: Actor, key_id: str) -> None:
        """Revoke a token of one's own, or anybody's for managers and administrators; it stops working at once."""
        key = self._accounts.key(key_id)
        if key is None or key.kind != "token" or (key.user_id != actor.id and not self._may_list(actor)):
            raise NotFound
        if key.revoked_at is None:
            key.revoked_at = now()
            self._audit.record(actor, "token.revoke", key.id)

    def sign_out(self, actor: Actor, cookie: str) -> None:
        """End the sign-in of a cookie."""
        self._accounts.end_login(tokens.digest(cookie))
        self._audit.record(actor, "session.end", actor.id)


def require_sign_in(actor: Actor) -> Actor:
    """Pass people who signed in themselves; a token cannot make tokens or change passwords."""
    if actor.kind != "person" or actor.scopes is not None:
        raise Forbidden("This needs a sign-in by a person: a token or device key is not enough.")
    return actor


def _expiry(asked: datetime | None) -> datetime:
    present = now()
    if asked is None:
        return present + TOKEN_LIFE
    if not present < asked <= present + LONGEST_TOKEN_LIFE:
        raise Invalid.field("/body/expires_at", "A token ends in the future and at most one year ahead.")
    return asked
