"""A worker process says that it is there, from its start to its end."""

import threading
from collections.abc import Sequence
from importlib.metadata import version

from sqlalchemy.exc import DBAPIError

from app.infra.clock import now
from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue import presence
from workers.local import worker_name

log = get_logger(__name__)


def start_reporting(house: House, queues: Sequence[str], slots: int, stopping: threading.Event) -> threading.Thread:
    """Report this process beside its work, as often as leases are renewed; its row goes when it ends as it should."""
    about = {"software": version("lithoscope"), "started_at": now()}

    def tell() -> None:
        name = worker_name()
        while not stopping.is_set():
            try:
                with house.database.writing() as session:
                    if not presence.renew(session, name):
                        presence.report(session, name=name, queues=queues, slots=slots, **about)
            except DBAPIError as error:
                log.warning("presence put off", cause=type(error).__name__)
            stopping.wait(house.settings.heartbeat_s)
        try:
            with house.database.writing() as session:
                presence.leave(session, name)
        except DBAPIError as error:
            log.warning("leave not said", cause=type(error).__name__)

    thread = threading.Thread(target=tell, name="presence", daemon=True)
    thread.start()
    return thread
