"""Registered files are hashed where they lie, by a worker; a kill costs the hash, never the registration."""

import time
from collections.abc import Callable
from typing import BinaryIO

from app.errors import LabError
from app.infra.db.models import Upload
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.storage import sha256_of
from app.infra.storage.places import Stamp, Unplaceable, stamp_of
from app.lab.composition import Lab
from app.lab.registrations.service import NotRegistered
from app.lab.uploads import leases
from app.lab.uploads.refusals import LeaseLost

AT_ONCE = 100

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
        sha256, stamp = _hashed(house, upload, token)
        with house.database.writing() as session:
            Lab(house, session).registrations.publish(upload.id, token, sha256=sha256, stamp=stamp)
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


def _hashed(house: House, upload: Upload, token: str) -> tuple[str, Stamp]:
    root = house.places.root(upload.root or "")
    if root is None:
        raise NotRegistered("The settings name its root no longer: ask the facility's administrator.")
    try:
        with root.open(upload.path or "") as file:
            before = stamp_of(file)
            sha256 = sha256_of(file, each_block=_telling(house, upload.id, token, file))
            is_still = stamp_of(file) == before
        with root.open(upload.path or "") as again:
            is_still = is_still and stamp_of(again) == before
    except Unplaceable as error:
        raise NotRegistered(f"It went away before it was hashed. {error}") from None
    if not is_still:
        raise NotRegistered("It was written to while it was hashed: register it again when it is finished.")
    return sha256, before


def _telling(house: House, upload_id: str, token: str, file: BinaryIO) -> Callable[[], None]:
    """Return what keeps the lease alive while a large file is read, and says how far that is."""
    last = time.monotonic()

    def tell() -> None:
        nonlocal last
        if time.monotonic() - last < min(house.settings.heartbeat_s, house.settings.sweep_s):
            return
        last = time.monotonic()
        with house.database.writing() as session:
            Lab(house, session).uploads.advance(upload_id, token, file.tell(), release=False)

    return tell
