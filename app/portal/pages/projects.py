"""Projects: list, one project's page with samples, data and members, opening one, changing members."""

from typing import Any

from fastapi.responses import HTMLResponse, Response

from app.errors import LabError
from app.infra.db.models import Project
from app.lab.access import Action, Role, allow
from app.lab.datasets.repository import DatasetFilter
from app.lab.doors.paging import Paging
from app.lab.projects.schemas import MemberRole, NewProject, ProjectChange
from app.portal.forms import body_of, errors_of, fields_of, version_of
from app.portal.rendering import seen
from app.portal.visit import CurrentVisit, Visit, portal_router
from app.portal.words import size

router = portal_router()
ROWS = 8
ALL = 200
ROLES: tuple[tuple[Role, str], ...] = (
    ("viewer", "sees everything of the project"),
    ("contributor", "also registers samples, records events, uploads"),
    ("analyst", "also starts jobs"),
    ("steward", "also changes members and deletes"),
)


@router.get("/projects")
def list_projects(visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show the visitor's projects."""
    rows = visit.lab.projects.page(visit.actor, page.cursor.before, page.cursor.limit)
    may_create = allow(visit.actor, Action.MANAGE)
    return visit.page(
        "projects/list.html", projects=rows, may_create=may_create, next=page.next([row.id for row in rows])
    )


@router.get("/projects/new")
def new_project(visit: CurrentVisit) -> HTMLResponse:
    """Show the form that opens a project."""
    return visit.page("form.html", values={}, **_form())


@router.post("/projects/new")
def create_project(visit: CurrentVisit) -> Response:
    """Open a project."""
    try:
        project = visit.lab.projects.create(visit.actor, body_of(NewProject, visit.form))
    except LabError as error:
        return visit.refused(error, "form.html", **_form())
    return seen(f"/projects/{project.id}", "project-made")


def _form() -> dict[str, Any]:
    return {
        "heading": "Open a project",
        "lead": "The boundary of access: who is no member sees nothing of it.",
        "crumbs": [("/projects", "Projects")],
        "action": "/projects/new",
        "hidden": {},
        "form_fields": fields_of(NewProject.model_json_schema()),
        "button": "Open the project",
        "back": "/projects",
    }


@router.get("/projects/{project_id}/change")
def change_form(project_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show the form that changes a project's title and, for managers, its quota."""
    project = visit.lab.projects.get(visit.actor, project_id, need=Action.STEWARD)
    values = {"title": project.title, "quota_bytes": str(project.quota_bytes)}
    return visit.page("form.html", values=values, **_change_form(visit, project))


@router.post("/projects/{project_id}/change")
def change_project(project_id: str, visit: CurrentVisit) -> Response:
    """Change a project's title and quota."""
    version = version_of(visit.form)
    try:
        change = body_of(ProjectChange, visit.form)
        visit.lab.projects.change(visit.actor, project_id, version, change)
    except LabError as error:
        visit.lab.session.rollback()
        project = visit.lab.projects.get(visit.actor, project_id)
        return visit.refused(error, "form.html", **_change_form(visit, project))
    return seen(f"/projects/{project_id}", "project-changed")


def _change_form(visit: Visit, project: Project) -> dict[str, Any]:
    address = f"/projects/{project.id}"
    counted = visit.lab.space.of(project).counted_bytes
    leave_out = frozenset() if allow(visit.actor, Action.MANAGE) else frozenset({"quota_bytes"})
    return {
        "heading": f"Change {project.title}",
        "lead": f"{size(counted)} of {size(project.quota_bytes)} are in use; 1 TiB is {1024**4} bytes.",
        "crumbs": [("/projects", "Projects"), (address, project.title)],
        "action": f"{address}/change",
        "hidden": {"version": project.version},
        "form_fields": fields_of(ProjectChange.model_json_schema(), leave_out=leave_out),
        "button": "Save",
        "back": address,
    }


@router.get("/projects/{project_id}")
def show_project(project_id: str, visit: CurrentVisit) -> HTMLResponse:
    """Show a project with its samples, newest data and members."""
    return visit.page("projects/page.html", values={}, **_page(visit, project_id))


def _page(visit: Visit, project_id: str) -> dict[str, Any]:
    lab, actor = visit.lab, visit.actor
    project = lab.projects.get(actor, project_id)
    given: dict[str, Any] = {"project_id": project_id, "before": None, "limit": ROWS}
    return {
        "project": project,
        "samples": lab.samples.page(actor, project_id=project_id, before=None, limit=50),
        "datasets": lab.datasets.page(actor, wanted=DatasetFilter(), **given),
        "jobs": lab.jobs.page(actor, kind="analysis", **given),
        "results": lab.results.page(actor, **given),
        "members": lab.projects.members(actor, project_id),
        "space": lab.space.of(project),
        "roles": ROLES,
        "may_record": allow(actor, Action.RECORD, project_id),
        "may_upload": allow(actor, Action.UPLOAD, project_id),
        "may_steward": allow(actor, Action.STEWARD, project_id),
    }


@router.post("/projects/{project_id}/members")
def set_member(project_id: str, visit: CurrentVisit) -> Response:
    """Give a person a role in the project."""
    try:
        role = body_of(MemberRole, visit.form).role
        visit.lab.projects.set_member(visit.actor, project_id, visit.form.get("login", "").strip(), role)
    except LabError as error:
        errors = {"login" if name.startswith("path") else name: text for name, text in errors_of(error).items()}
        visit.lab.session.rollback()
        context = _page(visit, project_id)
        return visit.page("projects/page.html", status=error.status, errors=errors, values=visit.form, **context)
    return seen(f"/projects/{project_id}", "member-added")


@router.post("/projects/{project_id}/members/{user_id}/removal")
def remove_member(project_id: str, user_id: str, visit: CurrentVisit) -> Response:
    """Take a person out of the project."""
    visit.lab.projects.remove_member(visit.actor, project_id, user_id)
    return seen(f"/projects/{project_id}", "member-removed")


def choices_of_projects(visit: Visit, action: Action) -> tuple[tuple[str, str], ...]:
    """Return the projects in which the visitor may do something, for a form's list."""
    rows = visit.lab.projects.page(visit.actor, None, ALL)
    return tuple((row.id, f"{row.title} ({row.code})") for row in rows if allow(visit.actor, action, row.id))
