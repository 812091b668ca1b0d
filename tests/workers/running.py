"""Jobs for tests: submitting, waiting, and workers in threads of this process."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import TypeAdapter

from app.infra.db.models import Job, JobEvent, Project, Result
from app.infra.house import House
from app.infra.queue import TERMINAL
from app.lab.access import SYSTEM, Actor
from app.lab.composition import Lab
from app.lab.jobs.schemas import request_type
from tests.conftest import Person
from tests.workers import probe
from workers.local import ALL_BUT_GPU, work
from workers.sandbox import prepare_fork_server

HURRIED: dict[str, Any] = {
    "extra_methods": [probe.MODULE],
    "job_memory_mib": 768,
    "heartbeat_s": 0.5,
    "lease_s": 3.0,
    "sweep_s": 0.2,
}
PATIENCE_S = 60.0


def submit(house: House, project: Project, actor: Actor = SYSTEM, **params: Any) -> str:
    """Submit a probe."""
    body = {"method": "probe", "inputs": {}, "params": params, "project_id": project.id}
    new = TypeAdapter(request_type(house.methods)).validate_python(body)
    with house.database.writing() as session:
        job_id = Lab(house, session).jobs.submit(actor, new).id
        acts = session.info.pop("after_commit", [])
    for act in acts:
        act()
    return job_id


def job_of(house: House, job_id: str) -> Job:
    """Return a job as it stands."""
    with house.database.reading() as session:
        return session.get_one(Job, job_id)


def until(house: House, job_id: str, is_so: Callable[[Job], bool]) -> Job:
    """Wait until something holds of a job."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so(job := job_of(house, job_id)):
        assert time.monotonic() < deadline, f"the job stayed {job.state} with {job.problem}"
        time.sleep(0.02)
    return job


def ended(house: House, job_id: str) -> Job:
    """Wait for a job's end."""
    return until(house, job_id, lambda job: job.state in TERMINAL)


def events_of(house: House, job_id: str) -> list[JobEvent]:
    """Return what a job said."""
    with house.database.reading() as session:
        return list(session.query(JobEvent).filter_by(job_id=job_id).order_by(JobEvent.seq))


def result_of(house: House, job: Job) -> Result:
    """Return what a job gave."""
    with house.database.reading() as session:
        return session.query(Result).filter_by(job_id=job.id).one()


def results_in(house: House) -> int:
    """Count results."""
    with house.database.reading() as session:
        return session.query(Result).count()


def run(house: House, analyst: Person, method: str, inputs: dict[str, Any], **params: Any) -> dict[str, Any]:
    """Run a job over HTTP to its end and return its result."""
    answer = analyst.post("/api/v1/jobs", json={"method": method, "inputs": inputs, "params": params, "seed": 1})
    assert answer.status_code == 202, answer.text
    job = ended(house, answer.json()["id"])
    assert job.state == "succeeded", job.problem
    result: dict[str, Any] = analyst.get(f"/api/v1/results/{job.result_id}").json()
    return result


def of(result: dict[str, Any], name: str) -> str:
    """Name an output as an input of the next job."""
    return f"{result['id']}/{name}"


def output(result: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the summary of an output."""
    found: dict[str, Any] = next(each for each in result["outputs"] if each["name"] == name)
    return found


def codes(result: dict[str, Any]) -> list[str]:
    """Return the codes of a result's warnings."""
    return [warning.partition(":")[0] for warning in result["run_record"]["warnings"]]


@contextmanager
def local_workers(house: House, count: int = 2) -> Iterator[None]:
    """Work in threads of this process."""
    prepare_fork_server()
    stopping = threading.Event()
    threads = [threading.Thread(target=work, args=(house, ALL_BUT_GPU, stopping)) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
