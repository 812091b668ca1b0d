"""The rooms of the portal in a few groups: groups stand in the header, the rooms of the present one below them."""

from dataclasses import dataclass


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
    """

    name: str
    icon: str
    rooms: tuple[tuple[str, str], ...]
    within: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Return where the group's link leads."""
        return self.rooms[0][0]

    def holds(self, path: str) -> bool:
        """Say whether a page belongs to one of the group's rooms."""
        return any(is_in(path, address) for address in (*(address for address, _ in self.rooms), *self.within))


GROUPS = (
    Group("Home", "home", (("/", "Home"),)),
    Group(
        "Samples",
        "sample",
        (("/samples", "Samples"), ("/projects", "Projects"), ("/deadlines", "Deadlines")),
        within=("/regions", "/exposures", "/events"),
    ),
    Group(
        "Data",
        "dataset",
        (
            ("/datasets", "Datasets"),
            ("/jobs", "Jobs"),
            ("/results", "Results"),
            ("/viewer", "Viewer"),
            ("/methods", "Methods"),
            ("/recipes", "Recipes"),
        ),
        within=("/lineage", "/recipe-runs"),
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
)


def is_in(path: str, address: str) -> bool:
    """Say whether a page is a room's or lies within it."""
    return path == address or (address != "/" and path.startswith(f"{address}/"))


def present(path: str) -> Group | None:
    """Return the group a page belongs to; None for pages that belong to no room."""
    return next((group for group in GROUPS if group.holds(path)), None)
