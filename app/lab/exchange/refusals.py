"""Why a crate is not taken in."""

import re

from app.errors import Conflict, Invalid, LabError

_PLAIN = re.compile(r"[^A-Za-z0-9._/#-]+")


class BadCrate(Invalid):
    """A crate that is damaged, hostile or not what it says; ``errors`` name the entity."""

    code, title = "bad-crate", "The crate cannot be taken in"

    @classmethod
    def at(cls, entity: str, detail: str) -> "BadCrate":
        """Refuse a crate for one of its entities: a file, a record, or the archive itself."""
        where = _PLAIN.sub("_", entity)[:160].lstrip("/")
        return cls(detail, errors=[{"pointer": f"/crate/{where}", "detail": detail}])


class CodesTaken(Conflict):
    """Samples of the crate carry labels that samples of this facility have; ``clashes`` names them."""

    code, title = "crate-codes-taken", "Labels of the crate are taken here"


class AlreadyHere(Conflict):
    """Things of the crate stand in this project already: they came from here, or were taken in before."""

    code, title = "already-imported", "Already in this project"


class ImportBusy(LabError):
    """Another crate is being taken in at this moment."""

    code, status, title = "import-busy", 503, "Another import is under way"

    def __init__(self) -> None:
        super().__init__("Another crate is being taken in: try again in a minute.", headers={"Retry-After": "60"})


class NoRoomForCrate(LabError):
    """What the crate holds does not fit into the project's quota, or onto the disk."""

    code, status, title = "no-room-for-crate", 413, "No room for the crate"
