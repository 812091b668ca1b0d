"""What a job's process may not do, and what its supervisor does about it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mrcfile
import pytest

from app.infra.db.models import Project
from app.infra.house import House
from tests.conftest import add_project, settings_for
from tests.houses import furnished
from tests.workers.running import HURRIED, ended, events_of, local_workers, result_of, results_in, submit
from tests.workers.test_ingest import sent


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = furnished(settings_for(tmp_path / "data", job_cpu_s=1, reader_memory_mib=256, **HURRIED))
    yield house
    house.database.dispose()


@pytest.fixture
def project(house: House) -> Project:
    return add_project(house, "SANDBOX")


@pytest.mark.parametrize(
    ("act", "problem", "attempts"),
    [
        ("abort", "crashed-on-input", 3),
        ("spin", "time-limit", 3),
        ("exhaust", "out-of-memory", 3),
        ("fail", "method-error", 1),
        ("fill", "disk-full", 3),
        ("swell", "output-too-large", 1),
    ],
)
def test_each_way_to_die_has_its_name(house: House, project: Project, act: str, problem: str, attempts: int):
    with local_workers(house, 1):
        job = ended(house, submit(house, project, act=act))
    assert job.problem is not None
    assert (job.state, job.problem["type"], job.attempts) == ("failed", f"/problems/{problem}", attempts)
    assert results_in(house) == 0


def test_a_file_larger_than_readers_may_hold_names_their_bound(house: House, project: Project, tmp_path: Path):
    with mrcfile.new_mmap(tmp_path / "large.mrc", shape=(300, 1024, 1024), mrc_mode=0) as file:
        file.set_volume()
    with local_workers(house, 1):
        _, job = sent(house, project, tmp_path / "large.mrc")
    assert job.problem is not None
    assert job.problem["type"] == "/problems/out-of-memory"
    assert "more memory than the 256 MiB" in job.problem["detail"]


def test_the_log_says_where_a_method_failed_without_the_machine_paths(house: House, project: Project):
    with local_workers(house, 1):
        job = ended(house, submit(house, project, act="fail"))
    logs = [event.payload["text"] for event in events_of(house, job.id) if event.type == "log"]
    assert len(logs) == 1
    assert "probe.py:" in logs[0]
    assert str(Path(__file__).parents[2]) not in logs[0]


def test_a_job_reaches_no_network(house: House, project: Project):
    with local_workers(house, 1):
        ran, dialled = submit(house, project), submit(house, project, act="dial")
        isolation = result_of(house, ended(house, ran)).run_record["isolation"]
        assert isolation["network"] in {"none", "shared"}
        if isolation["network"] == "none":
            job = ended(house, dialled)
            assert "unreachable" in next(
                event.payload["text"] for event in events_of(house, job.id) if event.type == "log"
            )


def test_the_run_record_tells_the_whole_account(house: House, project: Project):
    with local_workers(house, 1):
        job = ended(house, submit(house, project, steps=3))
    record = result_of(house, job).run_record
    assert (record["method"], record["method_version"], record["seed"]) == ("probe", "1", job.seed)
    assert record["params"] == {"act": "count", "steps": 3, "pause_s": 0.0}
    assert {"python", "lithoscope", "numpy", "scipy", "h5py"} <= record["software"].keys()
    assert record["machine"]["cores"] >= 1
    assert record["peak_rss_bytes"] > 10 * 2**20
    assert record["cpu_s"] >= 0
    assert (record["steps_done"], record["finished_early"], record["attempts"]) == (3, False, 1)


def test_the_fork_server_is_single_threaded_after_loading_everything():
    lines = "import workers.preload, os, sys; sys.stdout.write(str(len(os.listdir('/proc/self/task'))))"
    answer = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == 1
