"""Datasets whose bytes lie on the facility's own storage: where these are read, and what is said when they changed."""

from app.errors import Conflict
from app.infra.db.models import Dataset, PlacedFile
from app.infra.house import House
from app.infra.storage import Store, blob_key
from app.infra.storage.places import FileAway, Placed, Places, Stamp

_WORDS = {
    "missing": "is not there",
    "changed": "is no longer the file that was registered",
}


class SourceChanged(Conflict):
    """A file on the facility's storage is missing, or not the one that was registered."""

    code, title = "source-changed", "The registered file has changed"

    def __init__(self, place: PlacedFile, problem: str) -> None:
        super().__init__(
            f"{place.root}:{place.path} {_WORDS[problem]}: put it back as it was, register it at its new place, or "
            "upload the same bytes.",
            root=place.root,
            path=place.path,
            problem=problem,
        )


def placed(places: Places, place: PlacedFile) -> Placed:
    """
    Return a registered file to read from, which stands as it did when it was hashed.

    Raises
    ------
    SourceChanged
        It does not.
    """
    try:
        found = places.placed(place.root, place.path, Stamp(place.size_bytes, place.mtime_ns))
        found.check()
    except FileAway as away:
        raise SourceChanged(place, away.problem) from None
    return found


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
    return placed(house.places, dataset.place), dataset.place.path
