"""The files of an export: where each stands in the crate, and under which key in the store."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.infra.exports import DamagedTree
from app.infra.storage import Store, blob_key, tree_key
from app.lab.exchange.records import Records
from lithoscope.writers.rocrate_parts import CrateFile

MANIFEST = "manifest.json"
OTHER = "application/octet-stream"
_MEDIA_TYPES = {
    "csv": "text/csv",
    "gif": "image/gif",
    "h5": "application/x-hdf5",
    "hdf5": "application/x-hdf5",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "xml": "application/xml",
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the crate and the key of its bytes in the store, or in another one where they lie elsewhere."""

    file: CrateFile
    key: str
    store: Store | None = None


def media_type(name: str) -> str:
    """Return the type of a file by its extension, alike on every machine."""
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), OTHER)


def packed(store: Store, records: Records, elsewhere: Mapping[str, tuple[Store, str]]) -> list[Packed]:
    """
    Return the files of an export by their paths; a folder that two things share is packed once, what is absent never.

    ``elsewhere`` says by their datasets where files on the facility's own storage are read.
    """
    found = []
    for each in records.datasets:
        if each.absent:
            continue
        path = f"datasets/{each.id}/{each.filename}"
        raw = CrateFile(path, each.sha256, each.size_bytes, media_type(each.filename), each.id)
        place, key = elsewhere.get(each.id, (None, blob_key(each.sha256)))
        found.append(Packed(raw, key, place))
    trees: set[str] = set()
    for owner, tree, folder in folders_of(records):
        if tree not in trees:
            trees.add(tree)
            found += _files_of(store, tree_key(tree), folder, owner)
    return sorted(found, key=lambda each: each.file.path)


def folders_of(records: Records) -> Iterator[tuple[str, str, str]]:
    """Go through the folders of arrays and results: whose, with which digest, and where in the crate."""
    for dataset in records.datasets:
        if dataset.tree is not None:
            yield dataset.id, dataset.tree, f"datasets/{dataset.id}/arrays"
    for result in records.results:
        if result.tree is not None:
            yield result.id, result.tree, f"results/{result.id}"


def summaries_of(records: Records) -> dict[str, list[Mapping[str, Any]]]:
    """Return by the digest of a folder what its owners' records say of the arrays in it."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for dataset in records.datasets:
        found.setdefault(dataset.tree or "", []).extend(dataset.arrays)
    for result in records.results:
        found.setdefault(result.tree or "", []).extend(result.outputs)
    return found


def _files_of(store: Store, key: str, folder: str, owner: str) -> Iterator[Packed]:
    manifest = store.read(f"{key}/{MANIFEST}")
    files = _digests(manifest)
    sizes: Mapping[str, Any] = dict(store.sizes(f"{key}/"))
    own = CrateFile(
        f"{folder}/{MANIFEST}", hashlib.sha256(manifest).hexdigest(), len(manifest), media_type(MANIFEST), owner
    )
    yield Packed(own, f"{key}/{MANIFEST}")
    for path, sha256 in files.items():
        stored = f"{key}/{path}"
        if stored not in sizes:
            raise DamagedTree(key)
        yield Packed(CrateFile(f"{folder}/{path}", sha256, sizes[stored], media_type(path), owner), stored)


def _digests(manifest: bytes) -> dict[str, str]:
    try:
        return dict(json.loads(manifest)["files"])
    except (ValueError, KeyError) as error:
        raise DamagedTree(MANIFEST) from error
