"""The one Celery task: a message is a permit to run one job of its queue."""

import threading
from typing import Any

from celery import Celery
from celery.exceptions import Reject
from sqlalchemy.exc import DBAPIError

from app.infra.house import House
from app.infra.log import get_logger
from app.infra.queue.broker import TASK
from workers.execution import Execution
from workers.local import claim_next

log = get_logger(__name__)


def install(celery: Celery, house: House, stopping: threading.Event) -> None:
    """
    Give a Celery application the task.

    Which job runs is decided by the claim, not by the message: so persons take turns whatever the order of messages,
    and a message delivered twice finds nothing left to claim and is acknowledged in silence.
    """

    @celery.task(name=TASK, bind=True, shared=False, ignore_result=True, acks_late=True)
    def run_job(task: Any, job_id: str) -> None:
        """Run the next job of the queue the message came through."""
        if stopping.is_set():
            raise Reject(job_id, requeue=True)
        try:
            claim = claim_next(house, (task.request.delivery_info["routing_key"],))
            if claim is not None:
                Execution(house, claim, stopping).run()
        except DBAPIError as error:  # the row says the job waits: the sweeper sends another message
            log.warning("database away", job_id=job_id, cause=type(error).__name__)
