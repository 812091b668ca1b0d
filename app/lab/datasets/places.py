"""Datasets whose bytes lie on the facility's own storage: where these are read, and what is said when they changed."""

from collections.abc import Sequence

from app.errors import Conflict
from app.infra.db.models import Dataset, PlacedFile
from app.infra.house import House
from app.infra.storage import Store, blob_key
from app.infra.storage.groups import Member, PlacedGroup
from app.infra.storage.places import FileAway, Placed, Places, Stamp
from app.lab.datasets.repository import DatasetRepository

_WORDS = {
    "missing": "is not there",
    "changed": "is no longer the file that was registered",
}
_LONGEST_NAMES = 380


class SourceChanged(Conflict):
    """A file on the facility's storage is missing, or not the one that was registered."""

    code, title = "source-changed", "The registered file has changed"

    def __init__(self, place: PlacedFile, problem: str, files: Sequence[str] = ()) -> None:
        within = f", {named(files)}," if files else ""
        super().__init__(
            f"{place.root}:{place.path}{within} {_WORDS[problem]}: put it back as it was, register it at its new "
            "place, or upload the same bytes.",
            root=place.root,
            path=place.path,
            problem=problem,
        )
        if files:
            self.extra["files"] = named(files)

    @property
    def found(self) -> dict[str, str | None]:
        """What is kept of it: the problem, and which files of a group it concerns."""
        files = self.extra.get("files")
        return {"problem": str(self.extra["problem"]), "problem_files": None if files is None else str(files)}


def named(files: Sequence[str]) -> str:
    """Name the first of some files, and say how many more there are."""
    first = files[0] if len(files[0]) <= _LONGEST_NAMES else f"{files[0][:_LONGEST_NAMES]}…"
    return first if len(files) == 1 else f"{first} and {len(files) - 1} more"


def placed(places: Places, place: PlacedFile, members: Sequence[Member]) -> Placed:
    """
    Return a registered file, or a group of them, to read from, which stands as it did when it was hashed.

    Parameters
    ----------
    places : Places
        The roots of the facility's storage.
    place : PlacedFile
        Where it lies.
    members : sequence of Member
        The files of a group; none for a file of its own.

    Raises
    ------
    SourceChanged
        It does not.
    """
    try:
        root = places.known(place.root)
        if place.files is None:
            found = Placed(root, place.path, Stamp(place.size_bytes, place.mtime_ns))
        else:
            found = PlacedGroup(root, place.path, members)
        found.check()
    except FileAway as away:
        raise SourceChanged(place, away.problem, away.files) from None
    return found


def placed_of(house: House, place: PlacedFile) -> Placed:
    """
    Return a registered file or group as `placed` does; in no transaction of the caller's.

    Raises
    ------
    SourceChanged
        It does not stand as it was hashed.
    """
    return placed(house.places, place, members_of(house, place))


def members_of(house: House, place: PlacedFile) -> list[Member]:
    """Return the files of a group as they were hashed; none of a file of its own."""
    if place.files is None:
        return []
    with house.database.reading() as session:
        return DatasetRepository(session).members(place.dataset_id)


def bytes_of(house: House, dataset: Dataset) -> tuple[Store, str]:
    """
    Return where the bytes of a dataset are read, and under which key.

    Raises
    ------
    SourceChanged
        They lie on the facility's storage and are not those that were registered.
    """
    if dataset.place is None:
        return house.store, blob_key(dataset.sha256)
    return placed_of(house, dataset.place), dataset.place.path
