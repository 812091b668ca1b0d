"""What is done about uploads at intervals, by any process: the worker's sweeper calls `sweep`."""

from dataclasses import dataclass

from app.infra.house import House
from app.infra.log import get_logger
from app.lab.composition import Lab
from app.lab.uploads import staging
from app.lab.uploads.finishing import finish

log = get_logger(__name__)


@dataclass(frozen=True)
class Swept:
    """How many uploads expired, were finished, and how many staging files nobody needed."""

    expired: int
    finished: int
    orphans: int


def sweep(house: House) -> Swept:
    """
    Expire abandoned uploads, finish those a killed process left complete, remove staging files without owner.

    Finishing may read a whole file again, so call it on a thread of its own. Any number of processes may sweep.
    """
    with house.database.writing() as session:
        expired = len(Lab(house, session).uploads.expire())
    return Swept(expired, _finish_interrupted(house), _remove_orphans(house))


def _finish_interrupted(house: House) -> int:
    with house.database.reading() as session:
        waiting = Lab(house, session).uploads.unfinished()
    finished = 0
    for upload_id in waiting:
        with house.database.writing() as session:
            upload = Lab(house, session).uploads.take_over(upload_id)
        if upload is not None and upload.lease_token is not None:
            ended = finish(house, upload_id, upload.lease_token)
            log.info("finished an interrupted upload", upload_id=upload_id, state=ended.state)
            finished += 1
    return finished


def _remove_orphans(house: House) -> int:
    """Remove files whose row needs them no more; the row is always committed before the file is made."""
    paths = {path.name: path for path in staging.folder(house.staging).iterdir()}
    if not paths:
        return 0
    with house.database.reading() as session:
        orphans = Lab(house, session).uploads.orphans_among(list(paths))
    for name in orphans:
        paths[name].unlink(missing_ok=True)
    return len(orphans)
