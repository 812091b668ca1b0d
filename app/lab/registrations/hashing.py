"""Registered files are hashed where they lie, by a worker; a kill costs the hash, never the registration."""

import time
from collections.abc import Callable
from typing import Any

from app.errors import LabError
from app.infra.db.models import Upload
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.storage import sha256_of
from app.infra.storage.groups import hash_together, look_at, stamp_together
from app.infra.storage.places import FileAway, Root, Unplaceable, stamp_of
from app.lab.composition import Lab
from app.lab.datasets.places import named
from app.lab.registrations.service import NotRegistered
from app.lab.uploads import leases
from app.lab.uploads.refusals import LeaseLost

AT_ONCE = 100
_Hashed = dict[str, Any]

log = get_logger(__name__)


def sweep(house: House) -> int:
    """Hash the files that wait, one after the other; any number of processes may, each takes another file."""
    with house.database.reading() as session:
        waiting = Lab(house, session).registrations.waiting(AT_ONCE)
    done = 0
    for upload_id in waiting:
        with house.database.writing() as session:
            upload = Lab(house, session).uploads.take_over(upload_id)
        if upload is not None and upload.lease_token is not None:
            done += _take(house, upload, upload.lease_token)
    if done:
        house.queue.poke()
    return done


def _take(house: House, upload: Upload, token: str) -> bool:
    try:
        hashed = _hashed(house, upload, token)
        with house.database.writing() as session:
            Lab(house, session).registrations.publish(upload.id, token, **hashed)
    except LeaseLost:  # it was ended, or another worker has it
        return False
    except LabError as refusal:
        _give_up(house, upload, refusal)
    except OSError as error:
        words = f"It could not be read to its end ({error.strerror}): see to the storage, then register it again."
        _give_up(house, upload, NotRegistered(words))
    finally:
        leases.drop(token)
    return True


def _give_up(house: House, upload: Upload, refusal: LabError) -> None:
    log.warning("file not registered", upload_id=upload.id, problem=refusal.code)
    with house.database.writing() as session:
        Lab(house, session).uploads.give_up(upload.id, refusal)


def _hashed(house: House, upload: Upload, token: str) -> _Hashed:
    root = house.places.root(upload.root or "")
    if root is None:
        raise NotRegistered("The settings name its root no longer: ask the facility's administrator.")
    with house.database.reading() as session:
        names = Lab(house, session).registrations.names(upload.id)
    tell = _telling(house, upload.id, token)
    try:
        return _file(root, upload.path or "", tell) if names is None else _group(root, upload.path or "", names, tell)
    except Unplaceable as error:
        raise NotRegistered(f"It went away before it was hashed. {error}") from None
    except FileAway as away:
        what = named(away.files) if away.files else "It"
        words = f"{what} was written to while it was hashed: register it again when it is finished."
        raise NotRegistered(words) from None


def _file(root: Root, path: str, tell: Callable[[int], None]) -> _Hashed:
    with root.open(path) as file:
        before = stamp_of(file)
        sha256 = sha256_of(file, each_block=lambda: tell(file.tell()))
        is_still = stamp_of(file) == before
    with root.open(path) as again:
        is_still = is_still and stamp_of(again) == before
    if not is_still:
        raise FileAway("changed")
    return {"sha256": sha256, "stamp": before}


def _group(root: Root, path: str, names: list[str], tell: Callable[[int], None]) -> _Hashed:
    sha256, members = hash_together(root, path, names, tell=tell)
    again = look_at(root, path, names)
    if changed := [now.name for now, was in zip(again, members, strict=True) if now.stamp != was.stamp]:
        raise FileAway("changed", changed)
    return {"sha256": sha256, "stamp": stamp_together(members), "members": members}


def _telling(house: House, upload_id: str, token: str) -> Callable[[int], None]:
    """Return what keeps the lease alive while large files are read, and says how far that is."""
    last = time.monotonic()

    def tell(done_bytes: int) -> None:
        nonlocal last
        if time.monotonic() - last < min(house.settings.heartbeat_s, house.settings.sweep_s):
            return
        last = time.monotonic()
        with house.database.writing() as session:
            Lab(house, session).uploads.advance(upload_id, token, done_bytes, release=False)

    return tell
