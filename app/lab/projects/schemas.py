"""What projects and their members look like from outside."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.lab.access import Role
from app.lab.schemas import Body, Name, Out, Stamped, Whole

_QUOTA = "Bytes that datasets, open uploads and stacks under way may take; results are not counted"
QuotaBytes = Annotated[Whole, Field(ge=0, description=_QUOTA)]


class NewProject(Body):
    """A project to open."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,38}$", description="Short code, unique in the facility")]
    title: Name
    quota_bytes: QuotaBytes | None = None


class ProjectChange(Body):
    """What may be changed; a field left out stays."""

    title: Name | None = None
    quota_bytes: QuotaBytes | None = None


class MemberRole(Body):
    """The role to give."""

    role: Role


class ProjectOut(Stamped):
    """A project."""

    code: str
    title: str
    quota_bytes: int
    created_by: str
    version: int


class MemberOut(Out):
    """A member of a project."""

    user_id: str
    login: str
    display_name: str
    role: str
    created_at: datetime
