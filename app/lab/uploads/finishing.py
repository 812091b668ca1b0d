"""What happens to a complete file: verified, moved to the store, published; every step may be repeated after a kill."""

import time
from collections.abc import Callable

from app.infra.db.models import Upload
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.storage import blob_key, sha256_of
from app.lab.composition import Lab
from app.lab.uploads import leases, staging
from app.lab.uploads.refusals import BytesLost

log = get_logger(__name__)


def finish(house: House, upload_id: str, token: str) -> Upload:
    """
    Take a sealed upload to its end: ``verified`` with a dataset, or ``failed`` with a problem.

    Parameters
    ----------
    house : House
        Database and store.
    upload_id, token : str
        The upload and the lease that keeps others from finishing it at the same time. If it is lost and somebody
        else does, nothing breaks: the store keeps equal bytes once, and one of the two publishes.
    """
    try:
        upload = _verified(house, upload_id, token)
        if upload.state == "verifying" and upload.sha256 is not None:
            upload = _to_store(house, upload, upload.sha256)
        if upload.state in {"verified", "failed"}:
            staging.path_of(house.staging, upload_id).unlink(missing_ok=True)
        return upload
    finally:
        staging.hashes.forget(upload_id)
        leases.drop(token)


def _read(house: House, upload_id: str) -> Upload:
    with house.database.reading() as session:
        return session.get_one(Upload, upload_id)


def _verified(house: House, upload_id: str, token: str) -> Upload:
    """Read the bytes again when their digest is not known, or when they lie in staging after a kill."""
    upload = _read(house, upload_id)
    if upload.state != "verifying" or upload.sha256 is not None:
        return upload
    path = staging.path_of(house.staging, upload_id)
    if not path.exists():
        return _lost(house, upload_id)
    with path.open("rb") as file:
        found = sha256_of(file, each_block=_renewal(house, upload_id, token))
    with house.database.writing() as session:
        Lab(house, session).uploads.record_digest(upload_id, found)
    return _read(house, upload_id)


def _renewal(house: House, upload_id: str, token: str) -> Callable[[], None]:
    """Return what keeps the lease alive while a large file is read."""
    last = time.monotonic()

    def renew() -> None:
        nonlocal last
        if time.monotonic() - last < house.settings.heartbeat_s:
            return
        last = time.monotonic()
        with house.database.writing() as session:
            Lab(house, session).uploads.renew(upload_id, token)

    return renew


def _to_store(house: House, upload: Upload, sha256: str) -> Upload:
    path, key = staging.path_of(house.staging, upload.id), blob_key(sha256)
    if path.exists():
        if _is_damaged(house, key, upload, sha256):
            house.store.delete(key)  # it makes way for the good copy
        house.store.put_file(key, path)
    if not house.store.exists(key):
        return _lost(house, upload.id)
    with house.database.writing() as session:
        Lab(house, session).uploads.publish(upload.id)
    return _read(house, upload.id)


def _is_damaged(house: House, key: str, upload: Upload, sha256: str) -> bool:
    if not house.store.exists(key):
        return False
    with house.database.reading() as session:
        known = Lab(house, session).datasets.is_damaged(sha256)
    return known or house.store.size(key) != upload.size_bytes


def _lost(house: House, upload_id: str) -> Upload:
    error = BytesLost("The complete file is neither in staging nor in the store: send it again.")
    log.error("bytes lost", upload_id=upload_id)
    with house.database.writing() as session:
        Lab(house, session).uploads.give_up(upload_id, error)
    return _read(house, upload_id)
