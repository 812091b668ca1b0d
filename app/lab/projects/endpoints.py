"""Projects and their members over HTTP."""

from fastapi import Response

from app.infra.db.models import Membership, User
from app.lab.doors import CurrentActor, CurrentLab, IfMatch, Paging, etag, refuses, room_router
from app.lab.projects.schemas import MemberOut, MemberRole, NewProject, ProjectChange, ProjectOut
from app.lab.schemas import Page

router = room_router("projects")


@router.post("/projects", status_code=201, operation_id="createProject", responses=refuses(409))
def create_project(new: NewProject, actor: CurrentActor, lab: CurrentLab, response: Response) -> ProjectOut:
    """Open a project; for managers and administrators."""
    project = lab.projects.create(actor, new)
    response.headers["Location"] = f"/api/v1/projects/{project.id}"
    etag(response, project.version)
    return ProjectOut.model_validate(project)


@router.get("/projects", operation_id="listProjects", responses=refuses())
def list_projects(actor: CurrentActor, lab: CurrentLab, page: Paging) -> Page[ProjectOut]:
    """List projects one may see, newest first."""
    rows = lab.projects.page(actor, page.cursor.before, page.cursor.limit)
    return Page(items=[ProjectOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/projects/{project_id}", operation_id="getProject", responses=refuses())
def get_project(project_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> ProjectOut:
    """Return a project."""
    project = lab.projects.get(actor, project_id)
    etag(response, project.version)
    return ProjectOut.model_validate(project)


@router.patch("/projects/{project_id}", operation_id="changeProject", responses=refuses(409, 412, 428))
def change_project(
    project_id: str, change: ProjectChange, version: IfMatch, actor: CurrentActor, lab: CurrentLab, response: Response
) -> ProjectOut:
    """Change a project's title or quota."""
    project = lab.projects.change(actor, project_id, version, change)
    etag(response, project.version)
    return ProjectOut.model_validate(project)


@router.get("/projects/{project_id}/members", operation_id="listMembers", responses=refuses())
def list_members(project_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[MemberOut]:
    """List a project's members."""
    return Page(items=[_member(*row) for row in lab.projects.members(actor, project_id)])


@router.put("/projects/{project_id}/members/{user_id}", operation_id="setMember", responses=refuses())
def set_member(project_id: str, user_id: str, given: MemberRole, actor: CurrentActor, lab: CurrentLab) -> MemberOut:
    """Give a person, by identifier or login name, a role in a project."""
    return _member(*lab.projects.set_member(actor, project_id, user_id, given.role))


@router.delete(
    "/projects/{project_id}/members/{user_id}", status_code=204, operation_id="removeMember", responses=refuses()
)
def remove_member(project_id: str, user_id: str, actor: CurrentActor, lab: CurrentLab) -> None:
    """Take a person out of a project."""
    lab.projects.remove_member(actor, project_id, user_id)


def _member(membership: Membership, user: User) -> MemberOut:
    return MemberOut(
        user_id=user.id,
        login=user.login,
        display_name=user.display_name,
        role=membership.role,
        created_at=membership.created_at,
    )
