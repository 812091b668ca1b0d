"""The way into the queue from the service: what happens after the commit that made a job wait."""

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.infra.db import Database
from app.infra.log import get_logger
from app.infra.queue import outbox
from app.settings import Settings

if TYPE_CHECKING:
    from app.infra.queue.broker import Broker

log = get_logger(__name__)


class Queue:
    """
    Hands out hints that jobs wait; where workers claim from the database there is nothing to hand out.

    Parameters
    ----------
    database : Database
        Holds jobs and outbox.
    settings : Settings
        Say which kind of queue this is.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._work = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._sender: threading.Thread | None = None

    @property
    def has_broker(self) -> bool:
        """Say whether hints go through a broker."""
        return self._settings.queue == "celery"

    @cached_property
    def broker(self) -> "Broker":
        """Return the broker's sender; Celery is imported only where it is used."""
        from app.infra.queue.broker import Broker

        return Broker(self._settings)

    def submit(self, session: Session, job_id: str, queue: str) -> None:
        """Write the message that a job waits; it goes out after the commit, by another thread."""
        outbox.enqueue(session, job_id, queue)
        session.info.setdefault("after_commit", []).append(self.poke)

    def poke(self) -> None:
        """Have unsent messages sent soon; returns at once whatever the broker does."""
        if not self.has_broker:
            return
        with self._lock:
            if self._sender is None or not self._sender.is_alive():
                self._sender = threading.Thread(target=self._send_when_poked, name="outbox", daemon=True)
                self._sender.start()
        self._work.set()

    def flush(self) -> bool:
        """Send what is unsent; False when the broker is away."""
        while True:
            with self._database.reading() as session:
                messages = outbox.unsent(session)
            sent = []
            for message in messages:
                if not self.broker.publish(message.payload["job_id"], message.payload["queue"]):
                    break
                sent.append(message.id)
            if sent:
                with self._database.writing() as session:
                    outbox.mark_sent(session, sent)
            if len(sent) < len(messages) or not messages:
                return len(sent) == len(messages)

    def close(self) -> None:
        """End the sending thread."""
        self._closing.set()
        self._work.set()
        if self._sender is not None:
            self._sender.join(timeout=10)
        if "broker" in self.__dict__:
            self.broker.close()

    def _send_when_poked(self) -> None:
        while True:
            self._work.wait()
            self._work.clear()
            if self._closing.is_set():
                return
            try:
                self.flush()  # what stays unsent is sent again by the sweeper
            except DBAPIError as error:
                log.warning("outbox put off", cause=type(error).__name__)
