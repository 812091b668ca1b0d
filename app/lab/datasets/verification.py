"""Stored bytes against the digests they are known by: `lithoscope admin verify`."""

from collections.abc import Iterator

from app.infra.house import House
from app.infra.storage import Damage, blob_key, sha256_of, tree_damage
from app.lab.composition import Lab

PAGE = 500


def verify_store(house: House) -> Iterator[Damage]:
    """
    Read everything that must be in the store and give what is missing or changed.

    Each blob's row is stamped with what was found (``verified_at`` or ``damaged_at``). Trees are all array trees
    in the store, of datasets and of results, and those the datasets' rows name.
    """
    after = ""
    while digests := _page(house, after):
        for sha256 in digests:
            damage = _check_blob(house, sha256)
            with house.database.writing() as session:
                Lab(house, session).datasets.note_checked(sha256, is_sound=damage is None)
            if damage is not None:
                yield damage
        after = digests[-1]
    for key in sorted(_trees(house)):
        yield from tree_damage(house.store, key)


def _page(house: House, after: str) -> list[str]:
    with house.database.reading() as session:
        return Lab(house, session).datasets.blobs(after, PAGE)


def _check_blob(house: House, sha256: str) -> Damage | None:
    try:
        with house.store.open(blob_key(sha256)) as file:
            is_sound = sha256_of(file) == sha256
    except FileNotFoundError:
        return Damage(blob_key(sha256), "", "missing")
    return None if is_sound else Damage(blob_key(sha256), "", "changed")


def _trees(house: House) -> set[str]:
    with house.database.reading() as session:
        named = set(Lab(house, session).datasets.live_trees())
    return named | {"/".join(key.split("/")[:4]) for key in house.store.keys("trees")}
