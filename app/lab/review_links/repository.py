"""Rows of reviewers' links."""

import secrets
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.infra.db.models import ReviewLink, Secret, User
from app.infra.ids import prefix_of

KEY = "review-link"


class ReviewLinkRepository:
    """Queries of reviewers' links."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def key(self) -> str | None:
        """Return the key that links are signed with; None while there was no link."""
        return self._session.scalar(select(Secret.value).where(Secret.name == KEY))

    def make_key(self) -> str:
        """Return the key that links are signed with, made with the first of them."""
        known = self.key()
        if known is not None:
            return known
        row = Secret(name=KEY, value=secrets.token_hex(32))
        self._session.add(row)
        self._session.flush()
        return row.value

    def add(self, link: ReviewLink) -> None:
        """Insert a link."""
        self._session.add(link)
        self._session.flush()

    def get(self, link_id: str) -> ReviewLink | None:
        """Return a link."""
        return self._session.get(ReviewLink, link_id) if prefix_of(link_id) == "rvl" else None

    def revoke(self, link: ReviewLink, by: str, at: datetime) -> None:
        """End a link."""
        link.revoked_at, link.revoked_by = at, by
        self._session.flush()

    def count_look(self, link_id: str, at: datetime) -> None:
        """Count a look."""
        changed = {"looks": ReviewLink.looks + 1, "last_look_at": at}
        self._session.execute(update(ReviewLink).where(ReviewLink.id == link_id).values(changed))

    def page(
        self, projects: frozenset[str] | None, target_id: str | None, before: str | None, limit: int
    ) -> list[tuple[ReviewLink, str | None]]:
        """Return links of these projects (None for all) with the names of who made them, newest first."""
        query = select(ReviewLink, User.display_name).outerjoin(User, User.id == ReviewLink.created_by)
        if projects is not None:
            query = query.where(ReviewLink.project_id.in_(sorted(projects)))
        if target_id is not None:
            query = query.where(ReviewLink.target_id == target_id)
        if before is not None:
            query = query.where(ReviewLink.id < before)
        rows = self._session.execute(query.order_by(ReviewLink.id.desc()).limit(limit))
        return [(link, name) for link, name in rows]
