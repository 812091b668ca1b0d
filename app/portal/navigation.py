"""The rooms of the portal in a few groups: groups stand in the header, the rooms of the present one below them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.lab.access import Actor

MANAGERS = frozenset({"manager", "admin"})


@dataclass(frozen=True, slots=True)
class Group:
    """
    Rooms that belong together; the group's own link leads to the first of them.

    Parameters
    ----------
    name, icon : str
        What the header shows.
    rooms : tuple of (address, name)
        Pages below the header while one of the group is open.
    within : tuple of str
        Addresses of things that belong to the group without being a room.
    only : mapping of str to set of str
        Rooms that are shown to some facility roles alone; everybody sees the others. What may be seen is decided
        where it is read: this hides doors that would not open.
    """

    name: str
    icon: str
    rooms: tuple[tuple[str, str], ...]
    within: tuple[str, ...] = ()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def rooms_for(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Return the rooms a visitor is shown; the group's own link leads to the first."""
        role = actor.facility_role
        return tuple(room for room in self.rooms if room[0] not in self.only or role in self.only[room[0]])

    def holds(self, path: str) -> bool:
        """Say whether a page belongs to one of the group's rooms."""
        return any(is_in(path, address) for address in (*(address for address, _ in self.rooms), *self.within))


GROUPS = (
    Group("Home", "home", (("/", "Home"),)),
    Group(
        "Samples",
        "sample",
        (("/samples", "Samples"), ("/projects", "Projects"), ("/deadlines", "Deadlines"), ("/tagged", "Tags")),
        within=("/regions", "/exposures", "/events"),
    ),
    Group(
        "Data",
        "dataset",
        (
            ("/datasets", "Datasets"),
            ("/series", "Series"),
            ("/jobs", "Jobs"),
            ("/results", "Results"),
            ("/viewer", "Viewer"),
            ("/methods", "Methods"),
            ("/recipes", "Recipes"),
            ("/rules", "Rules"),
        ),
        within=("/upload", "/registrations", "/lineage", "/recipe-runs", "/compare", "/annotations", "/review-links"),
    ),
    Group(
        "Plan",
        "plan",
        (
            ("/planner", "Dose planner"),
            ("/what-if", "What if"),
            ("/strategies", "Strategies"),
            ("/protocols", "Protocols"),
            ("/limits", "Dose limits"),
        ),
        within=("/evaluations",),
    ),
    Group(
        "Facility",
        "instrument",
        (
            ("/instruments", "Instruments"),
            ("/titrations", "Titrations"),
            ("/alarms", "Alarms"),
            ("/reporting", "Reporting"),
        ),
        within=("/webhooks", "/publications"),
    ),
    Group(
        "Manage",
        "audit",
        (
            ("/facility", "Overview"),
            ("/people", "People"),
            ("/access-keys", "Keys"),
            ("/queues", "Queues"),
            ("/disk", "Disk"),
            ("/retention", "Retention"),
            ("/audit", "Audit log"),
            ("/health", "Health"),
        ),
        only={
            **dict.fromkeys(("/facility", "/people", "/access-keys", "/queues", "/disk"), MANAGERS),
            "/retention": MANAGERS,
            "/audit": frozenset({"auditor", "admin"}),
            "/health": MANAGERS | {"auditor"},
        },
    ),
)


def groups_for(actor: Actor) -> tuple[Group, ...]:
    """Return the groups that have a room for a visitor."""
    return tuple(group for group in GROUPS if group.rooms_for(actor))


def is_in(path: str, address: str) -> bool:
    """Say whether a page is a room's or lies within it."""
    return path == address or (address != "/" and path.startswith(f"{address}/"))


def present(path: str) -> Group | None:
    """Return the group a page belongs to; None for pages that belong to no room."""
    return next((group for group in GROUPS if group.holds(path)), None)
