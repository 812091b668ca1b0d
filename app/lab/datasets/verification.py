"""Stored bytes against the digests they are known by: `lithoscope admin verify`."""

from dataclasses import dataclass, field

from app.infra.db.models import PlacedFile
from app.infra.house import House
from app.infra.storage import Damage, blob_key, sha256_of, tree_damage
from app.lab.composition import Lab
from app.lab.datasets.repository import DatasetRepository
from app.lab.datasets.watching import place_damage

PAGE = 100


@dataclass
class StoreReport:
    """How many blobs, trees and registered files were read, and what is missing or changed."""

    blobs: int = 0
    trees: int = 0
    in_place: int = 0
    damages: list[Damage] = field(default_factory=list)


def verify_store(house: House) -> StoreReport:
    """
    Read everything that must be in the store.

    Each blob's row is stamped with what was found (``verified_at`` or ``damaged_at``; sending a damaged file again
    mends it). Trees are those that datasets and results name.
    """
    report = StoreReport()
    after = ""
    while digests := _page(house, after):
        found = {sha256: _blob_damage(house, sha256) for sha256 in digests}
        with house.database.writing() as session:
            for sha256, damage in found.items():
                DatasetRepository(session).note_checked(sha256, is_sound=damage is None)
        report.blobs += len(found)
        report.damages += [damage for damage in found.values() if damage is not None]
        after = digests[-1]
    after = ""
    while places := _places(house, after):
        found_there = [place_damage(house, place, sha256) for place, sha256 in places]
        report.in_place += len(places)
        report.damages += [damage for damage in found_there if damage is not None]
        after = places[-1][0].dataset_id
    for key in _trees(house):
        report.trees += 1
        report.damages += tree_damage(house.store, key)
    return report


def _page(house: House, after: str) -> list[str]:
    with house.database.reading() as session:
        return DatasetRepository(session).blobs(after, PAGE)


def _blob_damage(house: House, sha256: str) -> Damage | None:
    try:
        with house.store.open(blob_key(sha256)) as file:
            is_sound = sha256_of(file) == sha256
    except FileNotFoundError:
        return Damage(blob_key(sha256), "", "missing")
    return None if is_sound else Damage(blob_key(sha256), "", "changed")


def _places(house: House, after: str) -> list[tuple[PlacedFile, str]]:
    with house.database.reading() as session:
        return DatasetRepository(session).places(after, PAGE)


def _trees(house: House) -> list[str]:
    with house.database.reading() as session:
        return sorted({*DatasetRepository(session).live_trees(), *Lab(house, session).results.live_trees()})
