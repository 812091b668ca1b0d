"""What tests that kill workers share."""

from collections.abc import Iterator

import pytest

from app.infra.house import House
from tests.workers.storm import WorkerProcess


@pytest.fixture
def worker(house: House) -> Iterator[WorkerProcess]:
    """Give a worker of the house in a process of its own, ended at the end unless a test did it."""
    worker = WorkerProcess(house)
    yield worker
    if worker.process.poll() is None:
        worker.stop()
