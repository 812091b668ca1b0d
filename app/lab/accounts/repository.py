"""Rows of people, their sign-ins, keys and one-time codes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, not_, select, update
from sqlalchemy.orm import Session

from app.infra.db.models import AccessKey, Instrument, Login, Membership, OneTimeCode, Project, User
from app.infra.db.queries import contains_text, page_before

INVITATION = "invitation"


@dataclass(frozen=True)
class KeyFilter:
    """What a list of keys is narrowed to; None leaves a field open. ``at`` is the instant a key works at."""

    at: datetime
    kind: str | None = None
    is_live: bool | None = None


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

    def users(
        self, before: str | None, limit: int, *, text: str | None = None, is_disabled: bool | None = None
    ) -> list[User]:
        """Return people, newest first; by a part of their names, by whether their account is closed."""
        query = page_before(select(User), User, before, limit)
        if text:
            query = query.where(contains_text(text, User.login, User.display_name))
        if is_disabled is not None:
            query = query.where(User.disabled_at.is_not(None) if is_disabled else User.disabled_at.is_(None))
        return list(self._session.scalars(query))

    def users_among(self, ids: Collection[str]) -> list[User]:
        """Return those of these identifiers that are people."""
        return list(self._session.scalars(select(User).where(User.id.in_(sorted(ids)))))

    def memberships(self, user_id: str) -> list[tuple[Membership, Project]]:
        """Return a person's projects by code, with their role in each."""
        query = select(Membership, Project).join(Project, Project.id == Membership.project_id)
        rows = self._session.execute(query.where(Membership.user_id == user_id).order_by(Project.code))
        return [(membership, project) for membership, project in rows]

    def logins_of(self, user_id: str, *, at: datetime, idle_since: datetime) -> list[Login]:
        """Return a person's sign-ins that still hold, newest first."""
        query = select(Login).where(Login.user_id == user_id, Login.expires_at > at, Login.last_seen_at > idle_since)
        return list(self._session.scalars(query.order_by(Login.created_at.desc())))

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
        """Stamp the last use of a key, and the last sight of whom it belongs to."""
        self._session.execute(update(AccessKey).where(AccessKey.id == key_id).values(last_used_at=at))
        self._note_seen(select(AccessKey.user_id).where(AccessKey.id == key_id), at)

    def note_login_seen(self, token_digest: str, at: datetime) -> None:
        """Stamp the last sight of a sign-in and of its person."""
        self._session.execute(update(Login).where(Login.token_digest == token_digest).values(last_seen_at=at))
        self._note_seen(select(Login.user_id).where(Login.token_digest == token_digest), at)

    def _note_seen(self, whose: Any, at: datetime) -> None:
        stamp = update(User).where(User.id == whose.scalar_subquery()).values(last_seen_at=at)
        self._session.execute(stamp.execution_options(synchronize_session=False))

    def all_keys(self, wanted: KeyFilter, before: str | None, limit: int) -> list[AccessKey]:
        """Return everybody's tokens and device keys, newest first."""
        query = page_before(select(AccessKey), AccessKey, before, limit)
        if wanted.kind is not None:
            query = query.where(AccessKey.kind == wanted.kind)
        if wanted.is_live is not None:
            live = and_(AccessKey.revoked_at.is_(None), AccessKey.expires_at > wanted.at)
            query = query.where(live if wanted.is_live else not_(live))
        return list(self._session.scalars(query))

    def instrument_names(self, ids: Collection[str]) -> dict[str, str]:
        """Return what instruments are called."""
        rows = self._session.execute(select(Instrument.id, Instrument.name).where(Instrument.id.in_(sorted(ids))))
        return {row.id: row.name for row in rows}

    def code(self, purpose: str, code_digest: str) -> OneTimeCode | None:
        """Return a one-time code."""
        query = select(OneTimeCode).where(OneTimeCode.purpose == purpose, OneTimeCode.code_digest == code_digest)
        return self._session.scalar(query)

    def use_code(self, code: OneTimeCode, at: datetime) -> bool:
        """Spend a code; False when another request spent it a moment before."""
        spent = update(OneTimeCode).where(OneTimeCode.id == code.id, OneTimeCode.used_at.is_(None))
        row = self._session.scalar(spent.values(used_at=at).returning(OneTimeCode.id))
        return row is not None

    def drop_unused_codes(self, purpose: str, *, user_id: str | None = None) -> None:
        """Delete codes of a purpose, of one person when named, that were never used."""
        unused = [OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None)]
        if user_id is not None:
            unused.append(OneTimeCode.payload["user_id"].as_string() == user_id)
        self._session.execute(delete(OneTimeCode).where(*unused).execution_options(synchronize_session=False))

    def open_invitations(self, at: datetime) -> dict[str, datetime]:
        """Return until when each person's unused link works."""
        query = select(OneTimeCode.payload["user_id"].as_string(), OneTimeCode.expires_at)
        works = query.where(
            OneTimeCode.purpose == INVITATION, OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > at
        )
        return {user_id: expires_at for user_id, expires_at in self._session.execute(works)}  # noqa: C416 - as above
