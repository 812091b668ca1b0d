"""Signing in: short transactions of its own, so that no database lock is held while a password is hashed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.errors import Invalid, Unauthenticated
from app.infra import tokens
from app.infra.clock import now
from app.infra.db.models import Login, User
from app.infra.house import House
from app.lab.access import Actor
from app.lab.accounts.authentication import facility_role
from app.lab.accounts.invitations import InvitationService
from app.lab.accounts.passwords import hash_password, is_password
from app.lab.accounts.repository import AccountRepository
from app.lab.accounts.schemas import InvitationRedemption, NewUser, Setup, SignIn
from app.lab.accounts.service import AccountService
from app.lab.audit.repository import AuditRepository
from app.lab.audit.service import AuditLog


@dataclass(frozen=True)
class Opened:
    """A sign-in just made: the cookie's secret is known here only."""

    user: User
    cookie: str
    csrf_token: str
    expires_at: datetime


class WrongPassword(Unauthenticated):
    """Unknown login and wrong password: one and the same answer."""

    code, title = "wrong-password", "Login or password is wrong"

    def __init__(self) -> None:
        super().__init__("Login or password is wrong, or the account is closed.")


class SignIns:
    """Opens sign-ins of people."""

    def __init__(self, house: House) -> None:
        self._house = house

    def set_up(self, setup: Setup) -> User:
        """Make the first administrator."""
        code = setup.code.get_secret_value()
        with self._house.database.reading() as session:
            _accounts(session).check_first_administrator_code(code)
        password_hash = hash_password(setup.password.get_secret_value())
        new = NewUser(login=setup.login, display_name=setup.display_name, facility_role="admin")
        with self._house.database.writing() as session:
            return _accounts(session).set_up(code, new, password_hash)

    def take_up(self, given: InvitationRedemption) -> User:
        """Give a person the password they chose by a one-time link."""
        code = given.code.get_secret_value()
        with self._house.database.reading() as session:
            self._invitations(session).invited(code)
        password_hash = hash_password(given.password.get_secret_value())
        with self._house.database.writing() as session:
            return self._invitations(session).take_up(code, password_hash)

    def invited(self, code: str) -> User:
        """Return the person whose one-time link this is."""
        with self._house.database.reading() as session:
            return self._invitations(session).invited(code)

    def _invitations(self, session: Session) -> InvitationService:
        idle = timedelta(minutes=self._house.settings.login_idle_minutes)
        audit = AuditLog(AuditRepository(session))
        return InvitationService(AccountRepository(session), _accounts(session), audit, idle=idle)

    def by_password(self, sign_in: SignIn) -> Opened:
        """Sign a person in who knows their password."""
        with self._house.database.reading() as session:
            user = AccountRepository(session).user_by_login(sign_in.login)
        if not is_password(sign_in.password.get_secret_value(), user.password_hash if user else None):
            raise WrongPassword
        if user is None or user.disabled_at is not None:
            raise WrongPassword
        return self._open(user.id)

    def by_subject(self, subject: str, new: NewUser) -> Opened:
        """Sign a person in whom the OIDC issuer vouches for."""
        with self._house.database.writing() as session:
            user = _accounts(session).of_subject(subject, new)
        if user.disabled_at is not None:
            raise WrongPassword
        return self._open(user.id)

    def check_present_password(self, actor: Actor, password: str) -> None:
        """Pass when a person knows their present password."""
        with self._house.database.reading() as session:
            user = AccountRepository(session).user(actor.id)
        if not is_password(password, user.password_hash if user else None):
            raise Invalid.field("/body/present", "This is not your present password.")

    def _open(self, user_id: str) -> Opened:
        cookie, csrf_token, instant = tokens.new_secret(), tokens.new_secret(), now()
        settings = self._house.settings
        expires_at = instant + timedelta(hours=settings.login_hours)
        with self._house.database.writing() as session:
            accounts = AccountRepository(session)
            user = accounts.user(user_id)
            if user is None or user.disabled_at is not None:
                raise WrongPassword
            idle_since = instant - timedelta(minutes=settings.login_idle_minutes)
            accounts.forget_logins(expired_before=instant, idle_since=idle_since)
            accounts.add(
                Login(
                    token_digest=tokens.digest(cookie),
                    user_id=user.id,
                    csrf_token=csrf_token,
                    created_at=instant,
                    last_seen_at=instant,
                    expires_at=expires_at,
                )
            )
            actor = Actor(id=user.id, kind="person", label=user.display_name, facility_role=facility_role(user))
            AuditLog(AuditRepository(session)).record(actor, "session.start", user.id)
        return Opened(user, cookie, csrf_token, expires_at)


def _accounts(session: Session) -> AccountService:
    return AccountService(AccountRepository(session), AuditLog(AuditRepository(session)))
