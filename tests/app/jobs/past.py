"""Jobs that have been, straight in the database: what their records tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.infra.clock import now
from app.infra.db.models import Job, Project, Result
from app.infra.house import House
from app.infra.ids import new_id
from lithoscope.methods import catalogue

BEGAN = datetime(2026, 5, 4, tzinfo=UTC)


def add_run(
    house: House, project: Project, *, method: str, numbers: int = 1000, took_s: float = 10.0, **stated: Any
) -> str:
    """
    Add a finished job with its result; return the result's id.

    Parameters
    ----------
    house, project
        Where.
    method : str
        One of the catalogue.
    numbers, took_s
        What its record says it read, and how long it took.
    **stated
        ``params``, ``outputs``, ``inputs``, ``peak_rss_bytes``, ``sample_id``, ``seed`` and ``early``.
    """
    version = catalogue()[method].version
    inputs = stated.get("inputs", {"projections": f"{new_id('ds')}/series"})
    place = {"project_id": project.id, "sample_id": stated.get("sample_id"), "created_at": now()}
    result_id = new_id("res")
    job = Job(
        id=new_id("job"),
        **place,
        kind="analysis",
        method=method,
        method_version=version,
        queue="cpu-short",
        inputs=inputs,
        params=stated.get("params", {}),
        seed=stated.get("seed", 0),
        state="succeeded",
        early_finish_requested=stated.get("early", False),
        result_id=result_id,
        created_by="usr_nobody",
        started_at=BEGAN,
        finished_at=BEGAN + timedelta(seconds=took_s),
    )
    record = {
        "method": method,
        "method_version": version,
        "params": job.params,
        "seed": job.seed,
        "inputs": {name: {"reference": given, "numbers": numbers} for name, given in inputs.items()},
        "started_at": BEGAN.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "peak_rss_bytes": stated.get("peak_rss_bytes", 2**28),
    }
    result = Result(
        id=result_id,
        **place,
        job_id=job.id,
        digest="ab" * 32,
        size_bytes=1,
        outputs=stated.get("outputs", []),
        run_record=record,
        state="available",
    )
    with house.database.writing() as session:
        session.add(job)
        session.flush()
        session.add(result)
    return result_id
