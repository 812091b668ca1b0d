"""Rows of people, their sign-ins, keys and one-time codes."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.infra.db.models import AccessKey, Login, Membership, OneTimeCode, User
from app.infra.db.queries import page_before


class AccountRepository:
    """Queries of accounts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def user(self, user_id: str) -> User | None:
        """Return a person."""
        return self._session.get(User, user_id)

    def user_by_login(self, login: str) -> User | None:
        """Return the person with a login name."""
        return self._session.scalar(select(User).where(User.login == login))

    def user_by_subject(self, subject: str) -> User | None:
        """Return the person an OIDC issuer names."""
        return self._session.scalar(select(User).where(User.oidc_subject == subject))

    def has_users(self) -> bool:
        """Say whether anybody has an account."""
        return self._session.scalar(select(User.id).limit(1)) is not None

    def active_admins(self) -> int:
        """Count administrators who can sign in."""
        query = select(func.count()).where(User.facility_role == "admin", User.disabled_at.is_(None))
        return self._session.execute(query).scalar_one()

    def users(self, before: str | None, limit: int) -> list[User]:
        """Return people, newest first."""
        return list(self._session.scalars(page_before(select(User), User, before, limit)))

    def roles(self, user_id: str) -> dict[str, str]:
        """Return a person's role in each of their projects."""
        rows = self._session.execute(
            select(Membership.project_id, Membership.role).where(Membership.user_id == user_id)
        )
        return {project_id: role for project_id, role in rows}  # noqa: C416 - rows are not plain pairs to mypy

    def add(self, row: User | Login | AccessKey | OneTimeCode) -> None:
        """Insert a row."""
        self._session.add(row)
        self._session.flush()

    def change(self, user: User) -> None:
        """Write a changed person under a new version."""
        user.version += 1
        self._session.flush()

    def login(self, token_digest: str) -> Login | None:
        """Return a sign-in."""
        return self._session.get(Login, token_digest)

    def end_login(self, token_digest: str) -> None:
        """Delete a sign-in."""
        self._session.execute(delete(Login).where(Login.token_digest == token_digest))

    def end_logins(self, user_id: str) -> None:
        """Delete every sign-in of a person."""
        self._session.execute(delete(Login).where(Login.user_id == user_id))

    def forget_logins(self, *, expired_before: datetime, idle_since: datetime) -> None:
        """Delete sign-ins that ended by age or idleness."""
        self._session.execute(
            delete(Login).where((Login.expires_at < expired_before) | (Login.last_seen_at < idle_since))
        )

    def key(self, key_id: str) -> AccessKey | None:
        """Return a key."""
        return self._session.get(AccessKey, key_id)

    def keys_of(self, user_id: str, before: str | None, limit: int) -> list[AccessKey]:
        """Return a person's tokens, newest first."""
        query = select(AccessKey).where(AccessKey.user_id == user_id)
        return list(self._session.scalars(page_before(query, AccessKey, before, limit)))

    def note_key_used(self, key_id: str, at: datetime) -> None:
        """Stamp the last use of a key."""
        self._session.execute(update(AccessKey).where(AccessKey.id == key_id).values(last_used_at=at))

    def note_login_seen(self, token_digest: str, at: datetime) -> None:
        """Stamp the last sight of a sign-in."""
        self._session.execute(update(Login).where(Login.token_digest == token_digest).values(last_seen_at=at))

    def code(self, purpose: str, code_digest: str) -> OneTimeCode | None:
        """Return a one-time code."""
        query = select(OneTimeCode).where(OneTimeCode.purpose == purpose, OneTimeCode.code_digest == code_digest)
        return self._session.scalar(query)

    def use_code(self, code: OneTimeCode, at: datetime) -> bool:
        """Spend a code; False when another request spent it a moment before."""
        spent = update(OneTimeCode).where(OneTimeCode.id == code.id, OneTimeCode.used_at.is_(None))
        row = self._session.scalar(spent.values(used_at=at).returning(OneTimeCode.id))
        return row is not None

    def drop_unused_codes(self, purpose: str) -> None:
        """Delete codes of a purpose that were never used."""
        self._session.execute(delete(OneTimeCode).where(OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None)))
