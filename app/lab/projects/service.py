"""What the facility does with projects; nobody commits here."""

from app.errors import Conflict, Invalid, NotFound, StaleVersion
from app.infra.clock import now
from app.infra.db.models import Membership, Project, User
from app.infra.ids import new_id
from app.lab.access import Action, Actor, Role, allow, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.projects.repository import ProjectRepository
from app.lab.projects.schemas import NewProject, ProjectChange

MOST_TOLD = 1000


class ProjectCodeTaken(Conflict):
    """Codes are unique in the facility."""

    code, title = "project-code-taken", "The project code is taken"


class ProjectService:
    """
    Opens projects and keeps their members.

    Parameters
    ----------
    projects : ProjectRepository
        Rows.
    audit : AuditLog
        Where every change is noted.
    quota_bytes : int
        Quota of a project that names none.
    """

    def __init__(self, projects: ProjectRepository, audit: AuditLog, *, quota_bytes: int) -> None:
        self._projects = projects
        self._audit = audit
        self._quota_bytes = quota_bytes

    def get(self, actor: Actor, project_id: str, need: Action = Action.READ) -> Project:
        """Return a project the actor may act on; a foreign one is not found."""
        project = self._projects.get(project_id)
        if project is None:
            raise NotFound
        require(actor, need, project.id)
        return project

    def page(self, actor: Actor, before: str | None, limit: int) -> list[Project]:
        """Return the projects the actor may see, newest first."""
        return self._projects.page(readable_projects(actor), before, limit)

    def open_to(self, actor: Actor) -> list[Project]:
        """Return the projects the actor may send to, newest first: a device names them by their codes."""
        limits = actor.project_ids if actor.kind == "device" or actor.sees_all_projects else actor.visible_projects
        return [each for each in self._projects.page(limits, None, MOST_TOLD) if allow(actor, Action.UPLOAD, each.id)]

    def create(self, actor: Actor, new: NewProject) -> Project:
        """Open a project; for managers and administrators."""
        require(actor, Action.MANAGE)
        if self._projects.by_code(new.code) is not None:
            raise ProjectCodeTaken("Another project has this code: choose another.")
        project = Project(
            id=new_id("prj"),
            code=new.code,
            title=new.title,
            quota_bytes=self._quota_bytes if new.quota_bytes is None else new.quota_bytes,
            created_by=actor.id,
            created_at=now(),
        )
        self._projects.add(project)
        self._audit.record(actor, "project.create", project.id, project_id=project.id, code=project.code)
        return project

    def change(self, actor: Actor, project_id: str, version: int, change: ProjectChange) -> Project:
        """Change a title (a steward) or a quota (a manager)."""
        project = self.get(actor, project_id, need=Action.STEWARD)
        if change.quota_bytes is not None:
            require(actor, Action.MANAGE)
        if project.version != version:
            raise StaleVersion
        fields = change.model_dump(exclude_none=True)
        before = {name: getattr(project, name) for name in fields}
        for name, value in fields.items():
            setattr(project, name, value)
        self._projects.change(project)
        self._audit.record(actor, "project.change", project.id, project_id=project.id, before=before, after=fields)
        return project

    def members(self, actor: Actor, project_id: str) -> list[tuple[Membership, User]]:
        """Return a project's members."""
        return self._projects.members(self.get(actor, project_id).id)

    def set_member(self, actor: Actor, project_id: str, id_or_login: str, role: Role) -> tuple[Membership, User]:
        """Give a person a role in a project; for its stewards."""
        project = self.get(actor, project_id, need=Action.STEWARD)
        user = self._projects.person(id_or_login)
        if user is None:
            raise Invalid.field(
                "/path/user_id", "Nobody has this identifier or login name: ask for the person's login."
            )
        self._projects.set_role(project.id, user.id, role, now())
        self._audit.record(actor, "member.set", user.id, project_id=project.id, role=role)
        membership = self._projects.membership(project.id, user.id)
        if membership is None:
            raise NotFound
        return membership, user

    def remove_member(self, actor: Actor, project_id: str, id_or_login: str) -> None:
        """Take a person out of a project; for its stewards."""
        project = self.get(actor, project_id, need=Action.STEWARD)
        user = self._projects.person(id_or_login)
        if user is None or self._projects.membership(project.id, user.id) is None:
            raise NotFound
        self._projects.remove(project.id, user.id)
        self._audit.record(actor, "member.remove", user.id, project_id=project.id)
