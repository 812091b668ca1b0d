"""Who may do what: one table, one function, asked by every room."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from app.errors import Forbidden, NotFound

Role = Literal["viewer", "contributor", "analyst", "steward"]
FacilityRole = Literal["member", "manager", "auditor", "admin"]
_RANK: dict[str, int] = {"viewer": 1, "contributor": 2, "analyst": 3, "steward": 4}


class Action(StrEnum):
    """What can be done; the value is the scope a token needs for it."""

    READ = "data:read"  # see a project's samples, datasets, jobs, results
    REGISTER = "samples:write"  # register samples
    RECORD = "data:write"  # record events and exposures
    UPLOAD = "uploads:write"  # send bytes
    RUN = "jobs:run"  # start, cancel, finish jobs
    STEWARD = "projects:steward"  # change members, rules, delete
    MANAGE = "facility:manage"  # instruments, projects, devices
    ADMINISTER = "facility:admin"  # users, facility roles
    AUDIT = "facility:audit"  # read the audit log


_PROJECT_ROLE: dict[Action, Role] = {
    Action.READ: "viewer",
    Action.REGISTER: "contributor",
    Action.RECORD: "contributor",
    Action.UPLOAD: "contributor",
    Action.RUN: "analyst",
    Action.STEWARD: "steward",
}
_FACILITY_ROLE: dict[Action, frozenset[FacilityRole]] = {
    Action.MANAGE: frozenset({"manager", "admin"}),
    Action.ADMINISTER: frozenset({"admin"}),
    Action.AUDIT: frozenset({"auditor", "admin"}),
}
DEVICE_ACTIONS = frozenset({Action.UPLOAD, Action.RECORD})


@dataclass(frozen=True)
class Actor:
    """
    Who asks.

    Parameters
    ----------
    id : str
        ``usr_``, ``key_`` (a device) or ``system``.
    kind : {"person", "device", "system"}
        A device creates and sees only its own; ``system`` is the service itself.
    label : str
        Words for logs and pages.
    facility_role : FacilityRole
        Managers and administrators see every project.
    roles : mapping of project id to role
        Memberships.
    scopes : frozenset of str or None
        Limits of the token in use; None means no limit.
    project_ids : frozenset of str or None
        Projects the credential is limited to; None means no limit.
    instrument_id : str or None
        The instrument a device key is bound to.
    credential_id : str
        The key or sign-in in use; limits of rate and open uploads are counted against it.
    """

    id: str
    kind: Literal["person", "device", "system"]
    label: str
    facility_role: FacilityRole = "member"
    roles: dict[str, str] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    project_ids: frozenset[str] | None = None
    instrument_id: str | None = None
    credential_id: str = ""

    @property
    def sees_all_projects(self) -> bool:
        """Say whether queries need no project filter."""
        return self.project_ids is None and (self.kind == "system" or self.facility_role in {"manager", "admin"})

    @property
    def visible_projects(self) -> frozenset[str]:
        """Return the projects whose objects may be seen, when not all are."""
        own = frozenset(self.roles) if self.kind != "device" else frozenset()
        if self.facility_role in {"manager", "admin"} and self.project_ids is not None:
            return self.project_ids
        return own if self.project_ids is None else own & self.project_ids


SYSTEM = Actor(id="system", kind="system", label="the service")


def allow(actor: Actor, action: Action, project_id: str | None = None) -> bool:
    """
    Decide every access.

    Parameters
    ----------
    actor : Actor
        Who asks.
    action : Action
        What for.
    project_id : str, optional
        The project of the object; None for facility-wide acts.
    """
    if actor.kind == "system":
        return True
    if actor.scopes is not None and action.value not in actor.scopes:
        return False
    if project_id is None:
        if actor.project_ids is not None:  # a credential limited to projects does nothing facility-wide
            return False
        return actor.kind == "person" and actor.facility_role in _FACILITY_ROLE.get(action, frozenset())
    if action not in _PROJECT_ROLE or (actor.project_ids is not None and project_id not in actor.project_ids):
        return False
    if actor.kind == "device":
        return action in DEVICE_ACTIONS
    if actor.facility_role in {"manager", "admin"}:
        return True
    return _RANK.get(actor.roles.get(project_id, ""), 0) >= _RANK[_PROJECT_ROLE[action]]


def require(actor: Actor, action: Action, project_id: str | None = None) -> None:
    """Pass, or answer as if the project did not exist to those who may not even see it."""
    if allow(actor, action, project_id):
        return
    if project_id is not None and not allow(actor, Action.READ, project_id):
        raise NotFound
    raise Forbidden(f"This needs the right '{action.value}': ask a steward of the project or the facility manager.")


def readable_projects(actor: Actor, project_id: str | None = None) -> frozenset[str] | None:
    """Return the projects a list is made of: the one asked for, else all the actor may see (None is every project)."""
    if project_id is not None:
        require(actor, Action.READ, project_id)
        return frozenset({project_id})
    if actor.scopes is not None and Action.READ.value not in actor.scopes:
        raise Forbidden(f"This needs the right '{Action.READ.value}'.")
    return None if actor.sees_all_projects else actor.visible_projects
