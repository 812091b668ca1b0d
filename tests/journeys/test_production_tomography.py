"""Simultaneous tomography on PostgreSQL, Redis and Celery workers: given once, stopped, gone on with, done once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lithoscope.client import Client, JobFailed
from lithoscope.client.recipes import RecipeRun
from lithoscope.client.things import Dataset
from lithoscope.numerics.twins import Experiment, small_particle, small_settings
from lithoscope.writers.twin_files import TwinFiles, write_twin
from tests.journeys.test_production import facility
from tests.live import first_token, wait_for
from tests.servers import PostgresCluster, RedisServer

RECIPE = "simultaneous_tomography"
SIZE, ANGLES_DEG = 16, (-60.0, -40.0, -20.0, 0.0, 20.0, 40.0, 60.0)
BRIEF = {"dark_field_iterations": 20, "eels_iterations": 5, "window_steps": 2}
#: Steps whose tables carry the particle's name, and what is drawn of them.
NAMED = {"profiles", "rich_regions", "rock_salt", "inhomogeneity", "figures"}

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> TwinFiles:
    """Take the scans of a small simulated particle."""
    experiment = Experiment(small_particle(SIZE, state="50"), settings=small_settings(SIZE, angles_deg=ANGLES_DEG))
    return write_twin(tmp_path_factory.mktemp("twin") / "files", experiment, acquired_at="2026-05-04T10:00:00+00:00")


@pytest.fixture
def client(tmp_path: Path, postgres_cluster: PostgresCluster, redis_server: RedisServer) -> Iterator[Client]:
    """Give the administrator of a production house."""
    with (
        facility(tmp_path / "data", postgres_cluster, redis_server) as service,
        Client(service.url, first_token(service.url, service.setup_code), progress=False) as client,
    ):
        yield client


def sent(client: Client, twin: TwinFiles) -> tuple[Dataset, dict[str, Dataset]]:
    """Upload the series of a sample, and the references."""
    project_id = client.connection.post("/projects", {"code": "TWIN", "title": "Twins"})["id"]
    sample = client.samples.create("NCM111 after 50 cycles", project=project_id, material="nmc")
    references = {name: client.upload(path, project=project_id) for name, path in twin.references.items()}
    return client.upload(twin.series, sample=sample).wait(), {name: each.wait() for name, each in references.items()}


def stopped_in_the_middle(run: RecipeRun) -> dict[str, Any]:
    """Cancel a run once some steps are done, and return their jobs."""
    wait_for(lambda: run.refresh() or sum(step["state"] == "succeeded" for step in run.steps.values()) >= 3)
    run.cancel()
    with pytest.raises(JobFailed):
        run.wait(progress=False)
    return {name: step["job_id"] for name, step in run.steps.items() if step["state"] == "succeeded"}


def recomputed(steps: list[dict[str, Any]]) -> set[str]:
    return {step["name"] for step in steps if not step["is_reused"]}


@pytest.mark.timeout(600)
def test_a_particle_goes_from_its_series_to_a_comparison_and_nothing_is_computed_twice(
    client: Client, twin: TwinFiles, tmp_path: Path
):
    series, references = sent(client, twin)
    given: dict[str, Any] = {**references, "exposure": series.record_exposure()["id"], **BRIEF}
    run = client.run_recipe(RECIPE, series, particle_name="A", cycles=50, **given)
    assert len(run.inputs) == len(series.arrays) + len(references) + 1
    done = stopped_in_the_middle(run)
    run.restart()
    run.wait(progress=False)
    assert {name: run.steps[name]["job_id"] for name in done} == done
    assert recomputed(client.preview_recipe(RECIPE, series, particle_name="A", cycles=50, **given)) == set()
    other = client.run_recipe(RECIPE, series, particle_name="B", cycles=50, **given).wait(progress=False)
    assert recomputed(list(other.steps.values())) == NAMED
    compared = client.run("particle_comparison", profiles=[each.outputs["profiles"] for each in (run, other)])
    assert compared.wait(progress=False).result.outputs
    for name, start in (("slices.png", b"\x89PNG"), ("slices.svg", b"<?xml"), ("film.gif", b"GIF8")):
        output = run.outputs[name.partition(".")[0]]
        assert output.save(tmp_path / name).read_bytes().startswith(start)
    assert (run.outputs["profiles"].save(tmp_path / "profiles.csv", "csv")).read_text().count("\n") > 3
    assert set(ANGLES_DEG) <= set(run.outputs["dose"].table()["angle_deg"])
    assert "simultaneous_tomography" in run.paragraph()
