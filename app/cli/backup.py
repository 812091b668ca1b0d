"""
Backup and restore of database and store.

The store is copied before and after the database: bytes are published before the row that names them, so whatever the
database copy names was there by then; what was deleted meanwhile had been copied by the first pass.

Files that are registered on the facility's own storage are not copied: the backup lists them, and verifying a restored
one says which of them are not there.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from app.cli import migrating
from app.cli.dumping import dump, load
from app.cli.verifying import Report, verify
from app.infra.clock import now
from app.infra.db.models import Dataset, PlacedFile, Upload
from app.infra.house import House
from app.infra.storage import LocalStore, Store, sync

BLOCK = 1024 * 1024
MANIFEST = "backup.json"


class BackupRefused(RuntimeError):
    """Why a backup or restore does not begin, or what it found."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds, and how many registered files stay where they lie, outside of it."""

    folder: Path
    files: int
    bytes: int
    in_place: int


def back_up(house: House, target: Path, *, link: bool = False) -> Backup:
    """
    Copy database and store into a new folder, while the service runs.

    Parameters
    ----------
    house : House
        What to copy.
    target : Path
        A folder that does not exist; it appears under its name when it is complete.
    link : bool
        Hard-link stored files instead of copying them: quick and small, but no protection against a failing disk.
    """
    if target.exists():
        raise BackupRefused(f"{target} exists already: name a new folder")
    began = now()
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    (part / "store").mkdir(parents=True)
    files: dict[str, dict[str, str | int]] = {}
    _copy_store(house.store, part / "store", files, link=link)
    database = dump(house.database, part)
    _copy_store(house.store, part / "store", files, link=link)
    record: dict[str, Any] = {
        "began_at": began.isoformat(),
        "ended_at": now().isoformat(),
        "lithoscope": version("lithoscope"),
        "schema": migrating.head(),
        "database": {"file": database.name, "sha256": _hash(database)},
        "files": files,
        "in_place": _in_place(house),
    }
    (part / MANIFEST).write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")
    os.sync()
    part.rename(target)
    sync(target.parent)
    held = sum(int(entry["bytes"]) for entry in files.values())
    return Backup(target, len(files), held, len(record["in_place"]))


def _in_place(house: House) -> list[dict[str, Any]]:
    """List the files the backup does not hold, with what they must be."""
    query = select(PlacedFile, Dataset.sha256).join(Dataset, Dataset.id == PlacedFile.dataset_id)
    query = query.order_by(PlacedFile.root, PlacedFile.path)
    with house.database.reading() as session:
        rows = session.execute(query.options(undefer(PlacedFile.members))).all()
    return [
        {
            "root": place.root,
            "path": place.path,
            "bytes": place.size_bytes,
            "sha256": sha256,
            "dataset": place.dataset_id,
            "files": [{"name": each["name"], "sha256": each["sha256"]} for each in place.members or ()],
        }
        for place, sha256 in rows
    ]


def restore(source: Path, house: House) -> Report:
    """
    Bring a backup back into an empty place, then verify it.

    Parameters
    ----------
    source : Path
        The folder `back_up` made.
    house : House
        Where to; its database and store are empty.
    """
    record = _read_manifest(source)
    if next(house.store.keys(), None) is not None:
        raise BackupRefused("the store is not empty: restore into a fresh place")
    if _hash(source / record["database"]["file"]) != record["database"]["sha256"]:
        raise BackupRefused(f"{source / record['database']['file']} is not the file that was written: it is damaged")
    load(house.database, source)
    changed = [key for key, entry in sorted(record["files"].items()) if not _bring_back(source, house, key, entry)]
    _end_unfinished_uploads(house)
    report = verify(house)
    report.problems += [f"{key} in the backup is missing or changed" for key in changed]
    return report


def _end_unfinished_uploads(house: House) -> None:
    """Files that were complete but not yet verified are not part of a backup: their senders send them again."""
    unfinished = update(Upload).where(Upload.state == "verifying", Upload.root.is_(None))
    with house.database.writing() as session:
        session.execute(unfinished.values(state="expired"))


def _read_manifest(source: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((source / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise BackupRefused(f"{source} is not a complete backup: it has no readable {MANIFEST}") from None


def _copy_store(store: Store, target: Path, files: dict[str, dict[str, str | int]], *, link: bool) -> None:
    for key in store.keys():  # noqa: SIM118 - a store is not a mapping
        if key in files:
            continue
        path = target / key
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            sha256 = _link(store, key, path) if link else _copy(store, key, path)
        except FileNotFoundError:  # deleted since it was listed
            continue
        files[key] = {"sha256": sha256, "bytes": path.stat().st_size}


def _copy(store: Store, key: str, target: Path) -> str:
    digest = hashlib.sha256()
    with store.open(key) as source, target.open("wb") as copy:
        while block := source.read(BLOCK):
            digest.update(block)
            copy.write(block)
    return digest.hexdigest()


def _link(store: Store, key: str, target: Path) -> str:
    if not isinstance(store, LocalStore):
        raise BackupRefused("only a store in a folder can be linked: leave --link out")
    os.link(store.path(key), target)
    return _hash(target)


def _bring_back(source: Path, house: House, key: str, entry: dict[str, str]) -> bool:
    staged = house.staging / f"restore-{hashlib.sha256(key.encode()).hexdigest()}"
    try:
        shutil.copyfile(source / "store" / key, staged)
    except FileNotFoundError:
        return False
    is_same = _hash(staged) == entry["sha256"]
    house.store.put_file(key, staged)
    return is_same


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
