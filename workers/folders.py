"""A job's own folder on this machine, and what is done with what it leaves there."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.infra.db.models import Job
from app.infra.house import House
from app.infra.queue import Claim
from app.infra.queue.states import HELD
from app.infra.storage import sync
from app.infra.storage.digests import sha256_of, tree_digest


@contextmanager
def job_folder(house: House, claim: Claim) -> Iterator[Path]:
    """Give a job a fresh folder, named after job and lease; nothing of it stays."""
    folder = _root(house) / claim.job_id / claim.token
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_if_empty(folder.parent)


def _root(house: House) -> Path:
    return house.staging / "jobs"


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # another lease of the same job has its folder there, or it is gone already
        return


def lend(source: Path, folder: Path, name: str, *, link: bool = True) -> Path:
    """
    Put a file into a job's input folder under its own name.

    A stored one is linked where the disk allows; ``link`` is False for a file that is not ours, which a link would
    change.
    """
    folder.mkdir(exist_ok=True)
    target = folder / name
    try:
        if not link:
            raise OSError
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def seal(folder: Path, arrays: list[dict[str, Any]]) -> tuple[str, int]:
    """
    Hash every file, write the manifest and flush all to the disk; a summary that names what is not there is refused.

    Returns
    -------
    digest : str
        Of the manifest's files.
    size_bytes : int
        Of all files but the manifest.
    """
    files, size = {}, 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise ValueError("a job left something that is neither file nor folder")
        if path.is_file():
            with path.open("rb") as file:
                files[path.relative_to(folder).as_posix()] = sha256_of(file)
            size += path.stat().st_size
    for summary in arrays:
        display = [f"{summary['name']}.display"] if summary.get("has_display") else []
        named = [path for path in (summary.get("path"), *summary.get("slices", ()), *display) if path is not None]
        if not all(name in files or any(file.startswith(f"{name}/") for file in files) for name in named):
            raise ValueError("a job named a file that it did not leave")
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({"files": files, "arrays": arrays}, sort_keys=True), encoding="utf-8")
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)
    return tree_digest(files), size


def sweep_folders(house: House) -> int:
    """Remove the folders of leases that are no longer held: their worker was killed."""
    folders = [folder for folder in _root(house).glob("*/*") if folder.is_dir()]
    if not folders:
        return 0
    with house.database.reading() as session:
        held = set(session.scalars(select(Job.lease_token).where(Job.state.in_(sorted(HELD)))))
    left = [folder for folder in folders if folder.name not in held]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_if_empty(folder.parent)
    return len(left)
