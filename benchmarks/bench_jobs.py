"""
What a job pays besides its computing: waiting for a worker, then process, imports, files and publication.

Run: ``python -m benchmarks.bench_jobs [jobs]``. One worker process on SQLite in a temporary folder.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from app.infra.clock import now
from app.infra.db.base import Base
from app.infra.db.models import Blob, Dataset, Job, Project, Result
from app.infra.house import House
from app.infra.ids import new_id
from app.infra.queue import TERMINAL
from app.infra.storage import blob_key
from app.infra.storage.digests import sha256_of
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.jobs.schemas import request_type
from app.settings import Settings

ROOT = Path(__file__).parents[1]
SERIES = ROOT / "examples/data/etspy_HAADF_91x64x64_tilt-90to90x2.dm3"


def main(jobs: int) -> None:
    """Measure and print one JSON line."""
    folder = Path(tempfile.mkdtemp(prefix="lithoscope-bench-"))
    house = House(Settings(data=folder))
    Base.metadata.create_all(house.database.engine)
    command = [sys.executable, "-m", "workers", "--slots", "1", "--lifeline"]
    environment = {"LITHOSCOPE_DATA": str(folder), "PATH": "/usr/bin:/bin"}
    with (folder / "log").open("wb") as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log)
    try:
        dataset_id = _ingested(house)
        for _ in range(2):  # the first job of a method fills the caches
            _run(house, dataset_id)
        runs = [_run(house, dataset_id) for _ in range(jobs)]
    finally:
        assert worker.stdin is not None
        worker.stdin.close()
        worker.wait(30)
        shutil.rmtree(folder)
    starts = sorted(run["start_s"] for run in runs)
    overheads = [run["overhead_s"] for run in runs]
    figures = {
        "jobs": jobs,
        "submit_to_start_p50_s": round(statistics.median(starts), 3),
        "submit_to_start_p95_s": round(starts[int(0.95 * (len(starts) - 1))], 3),
        "job_s_median": round(statistics.median(run["job_s"] for run in runs), 3),
        "computing_s_median": round(statistics.median(run["computing_s"] for run in runs), 3),
        "overhead_s_median": round(statistics.median(overheads), 3),
        "overhead_s_max": round(max(overheads), 3),
    }
    print(json.dumps(figures))


def _ingested(house: House) -> str:
    with SERIES.open("rb") as file:
        sha256 = sha256_of(file)
    copy = house.staging / "series"
    shutil.copy(SERIES, copy)
    house.store.put_file(blob_key(sha256), copy)
    project = Project(id=new_id("prj"), code="B", title="B", quota_bytes=2**40, created_by="system", created_at=now())
    dataset = Dataset(
        id=new_id("ds"), project_id=project.id, filename=SERIES.name, sha256=sha256, size_bytes=SERIES.stat().st_size,
        state="verified", arrays=[], quantities={}, calibration={}, calibration_history=[], original={}, attributes={},
        warnings=[], created_by="system", created_at=now(),
    )  # fmt: skip
    with house.database.writing() as session:
        session.add_all([project, Blob(sha256=sha256, size_bytes=dataset.size_bytes, created_at=now())])
        session.flush()
        session.add(dataset)
        session.flush()
        job_id = Lab(house, session).jobs.submit_ingest(SYSTEM, dataset).id
    assert _ended(house, job_id).state == "succeeded"
    return dataset.id


def _run(house: House, dataset_id: str) -> dict[str, float]:
    """Run a short reconstruction; all that is not its method's call is overhead."""
    body: dict[str, Any] = {
        "method": "tomogram_sirt",
        "inputs": {"projections": dataset_id},
        "params": {"iterations": 5},
        "seed": int(np.random.default_rng().integers(2**31)),
    }
    new = TypeAdapter(request_type(house.methods)).validate_python(body)
    with house.database.writing() as session:
        job_id = Lab(house, session).jobs.submit(SYSTEM, new).id
    job = _ended(house, job_id)
    assert job.started_at is not None
    assert job.finished_at is not None
    with house.database.reading() as session:
        computing = session.query(Result).filter_by(job_id=job_id).one().run_record["method_s"]
    job_s = (job.finished_at - job.started_at).total_seconds()
    return {
        "start_s": (job.started_at - job.created_at).total_seconds(),
        "job_s": job_s,
        "computing_s": computing,
        "overhead_s": job_s - computing,
    }


def _ended(house: House, job_id: str) -> Job:
    while True:
        with house.database.reading() as session:
            job = session.get_one(Job, job_id)
        if job.state in TERMINAL:
            assert job.state == "succeeded", job.problem
            return job
        time.sleep(0.02)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
