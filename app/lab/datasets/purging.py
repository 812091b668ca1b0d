"""Bytes that nobody needs any more leave the store; safe to repeat after a kill."""

from app.infra.house import House
from app.infra.storage import blob_key
from app.lab.composition import Lab


def purge(house: House) -> int:
    """
    Remove the bytes and trees of deleted datasets and return how many objects went.

    The blob's row is locked while its bytes go: an upload of the same bytes waits for it, and one already sealed
    keeps them (`DatasetRepository.is_arriving`).
    """
    with house.database.reading() as session:
        digests = Lab(house, session).datasets.unpurged()
        trees = Lab(house, session).datasets.deleted_trees()
    return sum(_purge_blob(house, sha256) for sha256 in digests) + sum(_purge_tree(house, key) for key in trees)


def _purge_blob(house: House, sha256: str) -> bool:
    with house.database.writing() as session:
        datasets = Lab(house, session).datasets
        if not datasets.may_purge(sha256):
            return False
        house.store.delete(blob_key(sha256))
        datasets.note_purged(sha256)
    return True


def _purge_tree(house: House, key: str) -> bool:
    with house.database.writing() as session:
        lab = Lab(house, session)
        lab.results.hold_tree(key)
        datasets = lab.datasets
        if key not in datasets.deleted_trees():
            return False
        house.store.delete(key)
        datasets.forget_tree(key)
    return True
