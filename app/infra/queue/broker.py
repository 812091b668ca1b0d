"""The broker: Celery used to hand out the hint that a job waits, never to keep the job."""

from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from app.infra.log import get_logger
from app.infra.queue.states import QUEUES
from app.settings import Settings

TASK = "lithoscope.run_job"
VISIBILITY_S = 3600
_AWAY = (OperationalError, ConnectionError, TimeoutError, OSError)

log = get_logger(__name__)


def make_celery(settings: Settings) -> Celery:
    """Configure Celery for sending and for working: ids only, JSON only, no results, acknowledged late."""
    app = Celery("lithoscope", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        worker_prefetch_multiplier=1,
        worker_pool="threads",
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=1.0,
        broker_transport_options=_transport_options(settings.broker_url),
        task_default_queue="cpu-short",
        task_create_missing_queues=True,
    )
    return app


def _transport_options(url: str) -> dict[str, Any]:
    if url.startswith("memory:"):
        return {"polling_interval": 0.05}
    if not url.startswith(("redis:", "rediss:")):
        return {}
    return {
        "visibility_timeout": VISIBILITY_S,
        "socket_timeout": 5.0,
        "socket_connect_timeout": 1.0,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "queue_order_strategy": "round_robin",
    }


class Broker:
    """
    Sends hints; a broker that is away is a fact, not an error.

    Parameters
    ----------
    settings : Settings
        Names the broker.
    """

    def __init__(self, settings: Settings) -> None:
        self._celery = make_celery(settings)

    def publish(self, job_id: str, queue: str) -> bool:
        """Send the hint that a job waits; False when the broker is away."""
        try:
            self._celery.send_task(TASK, (job_id,), queue=queue, retry=False, ignore_result=True)
        except _AWAY as error:
            log.warning("broker away", cause=type(error).__name__)
            return False
        return True

    def waiting(self) -> dict[str, int] | None:
        """Count the messages in each queue; None when the broker is away."""
        try:
            with self._celery.connection_for_read() as connection:
                connection.ensure_connection(max_retries=1, timeout=1.0)
                return {queue: _count(connection, queue) for queue in QUEUES}
        except _AWAY as error:
            log.warning("broker away", cause=type(error).__name__)
            return None

    def close(self) -> None:
        """Close pooled connections."""
        self._celery.close()


def _count(connection: Any, queue: str) -> int:
    with connection.channel() as channel:
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except connection.channel_errors:  # nothing was ever sent to this queue
            return 0
