"""Registered files are looked at from time to time, so that a dataset says that its file changed before it is used."""

from datetime import timedelta
from typing import Any

from app.errors import Conflict
from app.infra.clock import now
from app.infra.db.models import PlacedFile
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.storage import sha256_of
from app.infra.storage.digests import Damage
from app.infra.storage.places import FileAway, Stamp, Unplaceable, stamp_of
from app.lab.datasets.places import SourceChanged, placed
from app.lab.datasets.repository import DatasetRepository

LOOKED_AT_EVERY = timedelta(minutes=10)
AT_ONCE = 500
OF_NO_FILE_NS = -1

log = get_logger(__name__)


def watch(house: House, *, every: timedelta = LOOKED_AT_EVERY) -> int:
    """
    Look at the size and time of registered files and keep what was found; return how many were looked at.

    Parameters
    ----------
    house : House
        Database and roots.
    every : timedelta
        How long a file is not looked at again.
    """
    with house.database.reading() as session:
        due = DatasetRepository(session).places_due(now() - every, AT_ONCE)
    found = [(place, problem_of(house, place)) for place in due]
    if found:
        with house.database.writing() as session:
            for place, problem in found:
                DatasetRepository(session).note_place(place, problem=problem)
    for place, problem in found:
        if problem is not None and place.problem is None:
            log.warning("registered file is not as it was", dataset_id=place.dataset_id, problem=problem)
    return len(found)


def problem_of(house: House, place: PlacedFile) -> str | None:
    """Say how a registered file stands by its size and time: ``missing``, ``changed``, or None."""
    try:
        placed(house.places, place)
    except SourceChanged as refusal:
        return str(refusal.extra["problem"])
    return None


def note(house: House, dataset_id: str, place: PlacedFile, refusal: Conflict) -> None:
    """Keep what a use of a dataset found out about its file, in a transaction of its own."""
    with house.database.writing() as session:
        DatasetRepository(session).note_place(place, problem=refusal.extra["problem"])
    log.warning("registered file is not as it was", dataset_id=dataset_id, problem=refusal.extra["problem"])


def place_damage(house: House, place: PlacedFile, sha256: str) -> Damage | None:
    """
    Read a whole registered file and keep what was found.

    One that has its bytes and another time (it was brought back from a copy) stands again; one with other bytes behind
    the same size and time is found out, and no look at these alone says again that it stands.
    """
    key = f"{place.root}:{place.path}"
    root = house.places.root(place.root)
    try:
        if root is None:
            raise FileAway("missing")
        with root.open(place.path) as file:
            stamp = stamp_of(file)
            problem = None if sha256_of(file) == sha256 and stamp_of(file) == stamp else "changed"
    except (FileAway, Unplaceable):
        stamp, problem = None, "missing"
    read: dict[str, Any] = {}
    if stamp is not None and problem is None:
        read = {"mtime_ns": stamp.mtime_ns, "hashed_at": now()}
    elif stamp == Stamp(place.size_bytes, place.mtime_ns):
        read = {"mtime_ns": OF_NO_FILE_NS}
    with house.database.writing() as session:
        DatasetRepository(session).note_place(place, problem=problem, **read)
    return None if problem is None else Damage(key, "", problem)
