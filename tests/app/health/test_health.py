"""Alive is not ready: readiness looks at database, store and queue, and tells nothing of a project."""

from datetime import timedelta

import pytest

from app.infra.clock import now
from app.infra.db.models import Job
from tests.objects import add_everything


def job(project, **fields) -> Job:
    plain = {"kind": "analysis", "method": "raster_dose", "method_version": "1", "queue": "cpu-short", "seed": 0}
    plain |= {"inputs": {}, "params": {}, "created_by": "usr_1", "project_id": project.id}
    return Job(**plain | fields)


def test_a_fresh_service_is_alive_and_ready(client):
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz").json()
    assert ready == {"status": "ready", "checks": {"database": "ok", "store": "ok", "queue": "ok"}}


def test_a_queue_that_waits_while_nothing_is_taken_is_not_ready(house, client, project):
    old = now() - timedelta(minutes=10)
    with house.database.writing() as session:
        session.add(job(project, id="job_" + "0" * 32, state="queued", created_at=old))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert answer.json()["checks"]["queue"] == "jobs wait and nothing is taken: cpu-short"
    assert answer.headers["retry-after"] == "5"
    assert client.get("/healthz").status_code == 200


def test_a_job_that_just_came_is_no_fault(house, client, project):
    with house.database.writing() as session:
        session.add(job(project, id="job_" + "0" * 32, state="queued", created_at=now()))
    assert client.get("/readyz").status_code == 200


def test_a_store_that_cannot_be_written_is_not_ready(house, client):
    assert client.get("/readyz").status_code == 200
    staging = house.settings.staging
    for path in staging.iterdir():
        path.unlink()
    staging.rmdir()
    staging.write_text("a file where the folder was")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] | {"store": ""} == {"database": "ok", "store": "", "queue": "ok"}
    assert answer.json()["checks"]["store"].startswith("fails with ")


def test_metrics_count_requests_by_route_template(client):
    for number in range(3):
        client.get(f"/api/v1/samples/smp_{number}")
    client.get("/api/v1/not-a-route")
    text = client.get("/metrics").text
    assert 'lithoscope_requests_total{method="GET",route="/api/v1/samples/{sample_id}",status="401"} 3.0' in text
    assert 'route="unmatched",status="404"} 1.0' in text
    assert "smp_0" not in text


def test_metrics_count_objects_by_state_and_name_none(house, client, project, sample, device):
    ids = add_everything(house, project, sample, device.instrument)
    text = client.get("/metrics").text
    assert 'lithoscope_jobs{state="succeeded"} 1.0' in text
    assert 'lithoscope_uploads{state="receiving"} 1.0' in text
    assert 'lithoscope_datasets{state="readable"} 1.0' in text
    assert "lithoscope_disk_free_bytes" in text
    names = [value for name, value in ids.items() if name.endswith("_id") and name != "method_id"]
    assert not [value for value in (*names, project.code, sample.code, sample.name) if value in text]


@pytest.mark.parametrize("code", ["not-found", "stale-version", "secret-not-kept"])
def test_a_problem_type_leads_to_its_meaning(client, code):
    answer = client.get(f"/problems/{code}").json()
    assert answer["code"] == code
    assert len(answer["meaning"]) > 10
