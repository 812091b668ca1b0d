"""One-time links by which people choose their password, and the sign-ins an administrator ends; nobody commits here."""

from datetime import datetime, timedelta

from app.errors import Conflict
from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import Login, OneTimeCode, User
from app.infra.ids import new_id
from app.lab.access import Action, Actor, allow, require
from app.lab.accounts.repository import INVITATION, AccountRepository
from app.lab.accounts.service import CODE_LIFE, AccountService, BadCode
from app.lab.audit.service import AuditLog


class NotInvited(Conflict):
    """A link gives a password, which such an account has no use for."""

    code, title = "not-invited", "The account takes no link"


class InvitationService:
    """
    Makes links and takes them up; the same link gives a first password and replaces a forgotten one.

    Parameters
    ----------
    rows : AccountRepository
        People, sign-ins and codes.
    accounts : AccountService
        Decides whom the actor may see.
    audit : AuditLog
        Where every act is noted.
    idle : timedelta
        A sign-in that was not seen for this long is over.
    """

    def __init__(self, rows: AccountRepository, accounts: AccountService, audit: AuditLog, *, idle: timedelta) -> None:
        self._rows = rows
        self._accounts = accounts
        self._audit = audit
        self._idle = idle

    def invite(self, actor: Actor, user_id: str) -> tuple[OneTimeCode, str]:
        """Make a person's link, in the place of an earlier one; returns its row and the text that is shown once."""
        require(actor, Action.ADMINISTER)
        user = self._accounts.get(actor, user_id)
        if user.disabled_at is not None:
            raise NotInvited("The account is closed: open it first.")
        if user.oidc_subject is not None:
            raise NotInvited("The person signs in through the institution: there is no password to choose.")
        self._rows.drop_unused_codes(INVITATION, user_id=user.id)
        code = tokens.new_secret()
        row = OneTimeCode(
            id=new_id("otc"),
            purpose=INVITATION,
            code_digest=tokens.digest(code),
            payload={"user_id": user.id},
            created_by=actor.id,
            expires_at=now() + CODE_LIFE,
        )
        self._rows.add(row)
        self._audit.record(actor, "user.invite", user.id, code_id=row.id)
        return row, code

    def invited(self, code: str) -> User:
        """Return the person whose link this is, while it works."""
        return self._of(code)[1]

    def _of(self, code: str) -> tuple[OneTimeCode, User]:
        row = self._rows.code(INVITATION, tokens.digest(code))
        if row is None or row.used_at is not None or row.expires_at <= now():
            raise BadCode
        user = self._rows.user(row.payload["user_id"])
        if user is None or user.disabled_at is not None:
            raise BadCode
        return row, user

    def take_up(self, code: str, password_hash: str) -> User:
        """Give the person of a link their password; the link is spent and earlier sign-ins end."""
        row, user = self._of(code)
        if not self._rows.use_code(row, now()):
            raise BadCode
        user.password_hash = password_hash
        self._rows.change(user)
        self._rows.end_logins(user.id)
        own = Actor(id=user.id, kind="person", label=user.display_name)
        self._audit.record(own, "user.accept", user.id, code_id=row.id)
        return user

    def open_until(self, actor: Actor) -> dict[str, datetime]:
        """Return until when each person's unused link works; for managers and administrators."""
        require(actor, Action.ADMINISTER if not allow(actor, Action.MANAGE) else Action.MANAGE)
        return self._rows.open_invitations(now())

    def sessions(self, actor: Actor, user_id: str) -> list[Login]:
        """Return a person's sign-ins that still hold: one's own, or anybody's for managers and administrators."""
        user = self._accounts.get(actor, user_id)
        return self._rows.logins_of(user.id, at=now(), idle_since=now() - self._idle)

    def end_sessions(self, actor: Actor, user_id: str) -> None:
        """End every sign-in of a person; for administrators."""
        require(actor, Action.ADMINISTER)
        user = self._accounts.get(actor, user_id)
        self._rows.end_logins(user.id)
        self._audit.record(actor, "user.sign-out", user.id)
