"""Bytes that nobody needs any more leave the store; safe to repeat after a kill."""

from app.infra.house import House
from app.infra.storage import blob_key
from app.lab.composition import Lab
from app.lab.datasets.repository import DatasetRepository


def purge(house: House) -> int:
    """
    Remove the bytes and trees of deleted datasets and return how many objects went.

    The blob's row is locked while its bytes go: an upload of the same bytes waits for it, and one already sealed
    keeps them (`DatasetRepository.is_arriving`).
    """
    with house.database.reading() as session:
        datasets = DatasetRepository(session)
        digests, trees = datasets.unpurged(), datasets.deleted_trees()
    return sum(_purge_blob(house, sha256) for sha256 in digests) + sum(_purge_tree(house, key) for key in trees)


def _purge_blob(house: House, sha256: str) -> bool:
    with house.database.writing() as session:
        datasets = DatasetRepository(session)
        blob = datasets.lock_blob(sha256)
        if blob is None or blob.deleted_at is None or blob.purged_at is not None or datasets.is_arriving(sha256):
            return False
        house.store.delete(blob_key(sha256))
        datasets.note_purged(sha256)
    return True


def _purge_tree(house: House, key: str) -> bool:
    with house.database.writing() as session:
        Lab(house, session).results.hold_tree(key)
        datasets = DatasetRepository(session)
        if key not in datasets.deleted_trees():
            return False
        house.store.delete(key)
        datasets.forget_tree(key)
    return True
