"""Registered files are looked at from time to time, so that a dataset says that its file changed before it is used."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.infra.clock import now
from app.infra.db.models import PlacedFile
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.storage import sha256_of
from app.infra.storage.digests import Damage
from app.infra.storage.groups import Member, hash_together, stamp_together
from app.infra.storage.places import FileAway, Root, Stamp, Unplaceable, stamp_of
from app.lab.datasets.places import SourceChanged, members_of, named, placed_of
from app.lab.datasets.repository import DatasetRepository

LOOKED_AT_EVERY = timedelta(minutes=10)
AT_ONCE = 500
FILES_AT_ONCE = 5000
OF_NO_FILE_NS = -1
_STANDS: dict[str, str | None] = {"problem": None, "problem_files": None}

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
    seen, files = list[tuple[PlacedFile, dict[str, str | None]]](), 0
    for place in due:
        seen.append((place, found_of(house, place)))
        files += place.files or 1
        if files >= FILES_AT_ONCE:  # the others are looked at in the next round: a storage may be slow
            break
    if seen:
        with house.database.writing() as session:
            for place, found in seen:
                DatasetRepository(session).note_place(place, **found)
    for place, found in seen:
        if found["problem"] is not None and place.problem is None:
            log.warning("registered file is not as it was", dataset_id=place.dataset_id, problem=found["problem"])
    return len(seen)


def found_of(house: House, place: PlacedFile) -> dict[str, str | None]:
    """
    Say how a registered file stands by its size and time: its ``problem``, if any is ``missing`` or ``changed``.

    Of a group ``problem_files`` names the files it concerns.
    """
    try:
        placed_of(house, place)
    except SourceChanged as refusal:
        return refusal.found
    return _STANDS


def note(house: House, dataset_id: str, place: PlacedFile, refusal: SourceChanged) -> None:
    """Keep what a use of a dataset found out about its file, in a transaction of its own."""
    with house.database.writing() as session:
        DatasetRepository(session).note_place(place, **refusal.found)
    log.warning("registered file is not as it was", dataset_id=dataset_id, problem=refusal.extra["problem"])


def place_damage(house: House, place: PlacedFile, sha256: str) -> Damage | None:
    """
    Read a whole registered file and keep what was found.

    One that has its bytes and another time (it was brought back from a copy) stands again; one with other bytes behind
    the same size and time is found out, and no look at these alone says again that it stands.
    """
    if place.files is not None:
        return _group_damage(house, place)
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


def _group_damage(house: House, place: PlacedFile) -> Damage | None:
    """Read every file of a group; as for one file, those with their bytes and another time stand again."""
    root, known = house.places.root(place.root), members_of(house, place)
    away: dict[str, list[str]] = {"missing": [], "changed": []}
    now_there = [_read(root, place, member, away) for member in known]
    problem = next((problem for problem, names in away.items() if names), None)
    read: dict[str, Any] = {"members": [member.to_json() for member in now_there]}
    if problem is None:
        read |= {"hashed_at": now(), "mtime_ns": stamp_together(now_there).mtime_ns}
    names = named(away[problem]) if problem else None
    with house.database.writing() as session:
        DatasetRepository(session).note_place(place, problem=problem, problem_files=names, **read)
    return None if problem is None else Damage(f"{place.root}:{place.path}", names or "", problem)


def _read(root: Root | None, place: PlacedFile, known: Member, away: dict[str, list[str]]) -> Member:
    """Read one file of a group; return how it is known from now on."""
    try:
        if root is None:
            raise FileAway("missing")
        _, (found,) = hash_together(root, place.path, [known.name])
    except FileAway as refusal:
        away[refusal.problem].append(known.name)
        return known
    except Unplaceable:
        away["missing"].append(known.name)
        return known
    if found.sha256 == known.sha256:
        return found
    away["changed"].append(known.name)
    return replace(known, mtime_ns=OF_NO_FILE_NS) if found.stamp == known.stamp else known
