"""Rows of projects and their members."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.infra.db.models import Membership, Project, User
from app.infra.db.queries import page_before


class ProjectRepository:
    """Queries of projects."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, project_id: str) -> Project | None:
        """Return a project."""
        return self._session.get(Project, project_id)

    def by_code(self, code: str) -> Project | None:
        """Return the project with a code."""
        return self._session.scalar(select(Project).where(Project.code == code))

    def add(self, project: Project) -> None:
        """Insert a project."""
        self._session.add(project)
        self._session.flush()

    def change(self, project: Project) -> None:
        """Write a changed project under a new version."""
        project.version += 1
        self._session.flush()

    def page(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[Project]:
        """Return these projects (None for all), newest first."""
        query = select(Project)
        if projects is not None:
            query = query.where(Project.id.in_(sorted(projects)))
        return list(self._session.scalars(page_before(query, Project, before, limit)))

    def person(self, id_or_login: str) -> User | None:
        """Return a person by identifier or login name."""
        return self._session.scalar(select(User).where((User.id == id_or_login) | (User.login == id_or_login)))

    def members(self, project_id: str) -> list[tuple[Membership, User]]:
        """Return a project's members by login name."""
        query = (
            select(Membership, User)
            .join(User, User.id == Membership.user_id)
            .where(Membership.project_id == project_id)
            .order_by(User.login)
        )
        return [(membership, user) for membership, user in self._session.execute(query)]

    def membership(self, project_id: str, user_id: str) -> Membership | None:
        """Return a person's membership."""
        return self._session.get(Membership, (project_id, user_id))

    def set_role(self, project_id: str, user_id: str, role: str, at: datetime) -> None:
        """Give a person a role."""
        self._session.merge(Membership(project_id=project_id, user_id=user_id, role=role, created_at=at))
        self._session.flush()

    def remove(self, project_id: str, user_id: str) -> None:
        """Take a person out of a project."""
        self._session.execute(
            delete(Membership).where(Membership.project_id == project_id, Membership.user_id == user_id)
        )
