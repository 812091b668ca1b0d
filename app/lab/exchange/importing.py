"""
A crate on its way in: judged, unpacked into the store, then written down in one transaction.

Until that transaction nothing of it can be seen; bytes of an import that was killed are kept once, under their digest,
and a repeated import finds them there.
"""

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.infra.db.models import Dataset
from app.infra.house import House
from app.infra.storage import blob_key, tree_key
from app.infra.storage.digests import tree_digest
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.datasets.places import bytes_of
from app.lab.exchange import foreign
from app.lab.exchange.archive import Archive, opened, parsed
from app.lab.exchange.arrays import check_arrays
from app.lab.exchange.contents import Contents
from app.lab.exchange.judging import records_in
from app.lab.exchange.payload import MANIFEST, folders_of, summaries_of
from app.lab.exchange.records import Records
from app.lab.exchange.refusals import BadCrate, ImportBusy, NoRoomForCrate
from app.lab.exchange.schemas import ImportAnswer, ImportOut, NewImport
from app.lab.exchange.service import refuse_clashes
from lithoscope.writers.rocrate import METADATA, RECORDS
from lithoscope.writers.rocrate_preview import PREVIEW

_ONE_AT_A_TIME = threading.Lock()
_LEFT_AFTER_S = 24 * 3600
MOST_PATH, MOST_NAME_BYTES = 1000, 255


def import_crate(house: House, actor: Actor, new: NewImport) -> ImportAnswer:
    """
    Take in a crate that was sent as a dataset, or say what it would bring.

    Parameters
    ----------
    house : House
        Database and store.
    actor : Actor
        A steward of the dataset's project.
    new : NewImport
        Which dataset, and new labels for samples.
    """
    with house.database.reading() as session:
        crate = Lab(house, session).exchange.crate(actor, new.dataset_id)
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise ImportBusy
    try:
        store, key = bytes_of(house, crate)
        with store.local(key) as path, opened(path) as archive:
            return _import(house, actor, new, crate=crate, archive=archive)
    finally:
        _ONE_AT_A_TIME.release()


def _import(house: House, actor: Actor, new: NewImport, *, crate: Dataset, archive: Archive) -> ImportAnswer:
    found = _contents(archive)
    with house.database.reading() as session:
        plan = Lab(house, session).exchange.plan(actor, crate, found, new.codes)
    if new.is_rehearsal:
        return ImportAnswer(plan=plan, taken=None)
    refuse_clashes(plan)
    _check_disk(house, archive)
    with _room(house) as room:
        if found.records is not None:
            _unpack(house, archive, found.records, room)
        else:
            _unpack_files(house, archive, found, room)
    queues = {name: method.queue for name, method in house.methods.items()}
    with house.database.writing() as session:
        row = Lab(house, session).exchange.take(actor, crate, found, new.codes, queues=queues)
        return ImportAnswer(plan=plan, taken=ImportOut.model_validate(row))


def _contents(archive: Archive) -> Contents:
    metadata: Mapping[str, Any] = archive.json(METADATA)
    records = records_in(archive, metadata)
    title, origin = foreign.title_in(metadata), foreign.origin_in(metadata)
    if records is not None:
        return Contents(title, origin, records, (), _extra(archive, records))
    files, same = foreign.once_each(foreign.files_in(archive, metadata))
    return Contents(title, origin, None, files, (*same, *foreign.unused(metadata)))


def _extra(archive: Archive, records: Records) -> tuple[str, ...]:
    """Say which files a crate of ours holds beyond what its records name."""
    folders = tuple(f"{folder}/" for _, _, folder in folders_of(records))
    known = {METADATA, RECORDS, PREVIEW, *(f"datasets/{each.id}/{each.filename}" for each in records.datasets)}
    extra = [name for name in archive.names if name not in known and not name.startswith(folders)]
    return tuple(f"{name}: no record names it, it stays in the crate" for name in extra[:100])


def _check_disk(house: House, archive: Archive) -> None:
    disk = shutil.disk_usage(house.staging)
    needed = sum(archive.size(name) or 0 for name in archive.names)
    if disk.free - needed < disk.total * house.settings.free_disk_fraction:
        raise NoRoomForCrate("The disk must keep its reserve: tell the facility manager, and try again later.")


def _room(house: House) -> tempfile.TemporaryDirectory[str]:
    """Make a folder to unpack into; what killed imports left there goes first."""
    folder = house.staging / "imports"
    folder.mkdir(exist_ok=True)
    for left in folder.iterdir():
        if time.time() - left.stat().st_mtime > _LEFT_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.TemporaryDirectory(dir=folder)


def _unpack(house: House, archive: Archive, records: Records, room: str) -> None:
    for dataset in records.datasets:
        path = f"datasets/{dataset.id}/{dataset.filename}"
        _put_file(house, archive, path, sha256=dataset.sha256, room=room)
    summaries = summaries_of(records)
    for _, tree, folder in folders_of(records):
        if archive.size(f"{folder}/{MANIFEST}") is not None:
            _put_tree(house, archive, folder, tree=tree, summaries=summaries[tree], room=room)


def _unpack_files(house: House, archive: Archive, found: Contents, room: str) -> None:
    for file in found.files:
        _put_file(house, archive, file.path, sha256=file.sha256, room=room)


def _put_file(house: House, archive: Archive, name: str, *, sha256: str, room: str) -> None:
    target = Path(room) / sha256
    archive.copy(name, target, sha256)
    house.store.put_file(blob_key(sha256), target)
    target.unlink(missing_ok=True)


def _put_tree(
    house: House, archive: Archive, folder: str, *, tree: str, summaries: Sequence[Mapping[str, Any]], room: str
) -> None:
    manifest = archive.content(f"{folder}/{MANIFEST}")
    files = _files_of(manifest, folder)
    if tree_digest(files) != tree:
        raise BadCrate.at(f"{folder}/{MANIFEST}", "It is not that of the folder's digest: fetch the crate again.")
    unpacked = Path(room) / tree
    unpacked.mkdir()
    for name, sha256 in files.items():
        target = unpacked / name
        target.parent.mkdir(parents=True, exist_ok=True)
        archive.copy(f"{folder}/{name}", target, sha256)
    check_arrays(unpacked, files, summaries, where=folder, crate_bytes=archive.size_bytes)
    (unpacked / MANIFEST).write_bytes(manifest)
    house.store.put_tree(tree_key(tree), unpacked)


def _files_of(manifest: bytes, folder: str) -> dict[str, str]:
    told = parsed(manifest, f"{folder}/{MANIFEST}")
    files = told.get("files") if isinstance(told, Mapping) else None
    if not isinstance(files, Mapping) or not all(isinstance(each, str) for each in files.values()):
        raise BadCrate.at(f"{folder}/{MANIFEST}", "It lists no files: export the crate again.")
    folders = {name[:place] for name in files for place, mark in enumerate(name) if mark == "/"}
    for name in files:
        parts = name.split("/")
        if {"", ".", ".."} & set(parts) or "\\" in name or name == MANIFEST:
            raise BadCrate.at(f"{folder}/{MANIFEST}", "A name in it leads out of its folder: export the crate again.")
        if name in folders or len(name) > MOST_PATH or any(len(part.encode()) > MOST_NAME_BYTES for part in parts):
            raise BadCrate.at(f"{folder}/{MANIFEST}", "A name in it is none a file can have: export the crate again.")
    return dict(files)
