"""The jobs' room from outside: requests made from the methods' declarations, states, events."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.infra.db.models import Project
from app.infra.house import House
from app.infra.ids import new_id
from app.settings import Settings
from tests.conftest import People, Person, add_project, settings_for
from tests.datasets import add_dataset
from tests.workers.running import HURRIED, ended, local_workers, until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", **HURRIED)


def probe(project: Project, **params: Any) -> dict[str, Any]:
    return {"method": "probe", "inputs": {}, "params": params, "project_id": project.id}


def test_a_request_is_queued_and_its_place_is_told(analyst: Person, project: Project):
    answer = analyst.post("/api/v1/jobs", json=probe(project, steps=2))
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert (job["state"], job["params"], job["method_version"]) == (
        "queued",
        {"act": "count", "steps": 2, "pause_s": 0.0},
        "1",
    )
    assert job["seed"] >= 0
    assert analyst.get(answer.headers["Location"]).json()["id"] == job["id"]


def test_a_seed_given_is_kept(analyst: Person, project: Project):
    answer = analyst.post("/api/v1/jobs", json={**probe(project), "seed": 42})
    assert answer.json()["seed"] == 42


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"method": "alchemy"}, "/body", "invalid-input"),
        ({"params": {"steps": -1}}, "/body/params/steps", "out-of-range"),
        ({"params": {"steps": "3"}}, "/body/params/steps", "invalid-input"),
        ({"params": {"stops": 3}}, "/body/params/stops", "unknown-field"),
        ({"inputs": {"volume": "ds_1"}}, "/body/inputs/volume", "unknown-field"),
        ({"seed": -1}, "/body/seed", "out-of-range"),
        ({"seed": True}, "/body/seed", "invalid-input"),
    ],
)
def test_a_wrong_field_is_named_and_never_echoed(
    analyst: Person, project: Project, change: dict[str, Any], pointer: str, code: str
):
    answer = analyst.post("/api/v1/jobs", json={**probe(project), **change})
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]


def test_a_viewer_sees_jobs_and_starts_none(people: People, analyst: Person, project: Project):
    viewer = people.make(role="viewer", project=project)
    made = analyst.post("/api/v1/jobs", json=probe(project)).json()
    assert viewer.get(f"/api/v1/jobs/{made['id']}").status_code == 200
    assert viewer.post("/api/v1/jobs", json=probe(project)).status_code == 403
    assert viewer.post(f"/api/v1/jobs/{made['id']}/cancellation").status_code == 403


def test_a_stranger_cannot_tell_a_job_from_none(people: People, analyst: Person, project: Project):
    stranger = people.make()
    made = analyst.post("/api/v1/jobs", json=probe(project)).json()
    for path in ("", "/events"):
        assert stranger.get(f"/api/v1/jobs/{made['id']}{path}").status_code == 404
    for act in ("cancellation", "early-finish", "retries"):
        assert stranger.post(f"/api/v1/jobs/{made['id']}/{act}").status_code == 404
    assert stranger.get("/api/v1/jobs").json()["items"] == []


def test_lists_are_filtered_and_paged(analyst: Person, project: Project):
    made = [analyst.post("/api/v1/jobs", json=probe(project)).json()["id"] for _ in range(3)]
    analyst.post(f"/api/v1/jobs/{made[0]}/cancellation")
    first = analyst.get("/api/v1/jobs", params={"limit": 2}).json()
    assert [job["id"] for job in first["items"]] == [made[2], made[1]]
    assert [job["id"] for job in analyst.get(first["next"]).json()["items"]] == [made[0]]
    cancelled = analyst.get("/api/v1/jobs", params={"state": "cancelled", "method": "probe"}).json()["items"]
    assert [job["id"] for job in cancelled] == [made[0]]


def test_a_waiting_job_is_cancelled_at_once_and_again_without_effect(analyst: Person, project: Project):
    job_id = analyst.post("/api/v1/jobs", json=probe(project)).json()["id"]
    for _ in range(2):
        answer = analyst.post(f"/api/v1/jobs/{job_id}/cancellation")
        assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert analyst.post(f"/api/v1/jobs/{job_id}/early-finish").status_code == 409


def test_only_an_ended_job_that_gave_nothing_is_retried(house: House, analyst: Person, project: Project):
    job_id = analyst.post("/api/v1/jobs", json={**probe(project, steps=2), "seed": 7}).json()["id"]
    assert analyst.post(f"/api/v1/jobs/{job_id}/retries").status_code == 409
    analyst.post(f"/api/v1/jobs/{job_id}/cancellation")
    again = analyst.post(f"/api/v1/jobs/{job_id}/retries").json()
    assert (again["retry_of"], again["seed"], again["params"]["steps"]) == (job_id, 7, 2)
    with local_workers(house):
        assert ended(house, again["id"]).state == "succeeded"
    assert analyst.post(f"/api/v1/jobs/{again['id']}/retries").status_code == 409


def test_events_come_in_order_and_resume_after_the_last_seen(house: House, analyst: Person, project: Project):
    job_id = analyst.post("/api/v1/jobs", json=probe(project, steps=4, pause_s=0.3)).json()["id"]
    with local_workers(house):
        whole = _stream(analyst, job_id)
    assert [number for number, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [data["payload"]["state"] for _, kind, data in whole if kind == "state"] == [
        "queued",
        "running",
        "succeeded",
    ]
    assert any(kind == "progress" for _, kind, _ in whole)
    assert _stream(analyst, job_id, last=2) == whole[2:]
    assert _stream(analyst, job_id, last=len(whole)) == []
    polled = analyst.get(f"/api/v1/jobs/{job_id}/events", params={"after": 2}).json()
    assert ([event["seq"] for event in polled["items"]], polled["is_terminal"]) == (
        [number for number, _, _ in whole[2:]],
        True,
    )


def _stream(person: Person, job_id: str, last: int | None = None) -> list[tuple[int, str, dict[str, Any]]]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(last)} if last is not None else {})
    with person.stream("GET", f"/api/v1/jobs/{job_id}/events", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if "data:" in block]
    fields = [dict(line.split(": ", 1) for line in block.split("\n") if ": " in line) for block in blocks]
    return [(int(field["id"]), field["event"], json.loads(field["data"])) for field in fields]


def test_a_failed_job_says_why_without_secrets(house: House, analyst: Person, project: Project):
    job_id = analyst.post("/api/v1/jobs", json=probe(project, act="fail")).json()["id"]
    with local_workers(house, 1):
        ended(house, job_id)
    job = analyst.get(f"/api/v1/jobs/{job_id}").json()
    assert (job["state"], job["problem"]["type"]) == ("failed", "/problems/method-error")
    assert "secret" not in json.dumps(job["problem"])


def test_an_early_finish_is_for_running_jobs(house: House, analyst: Person, project: Project):
    job_id = analyst.post("/api/v1/jobs", json=probe(project, steps=10_000, pause_s=0.01)).json()["id"]
    assert analyst.post(f"/api/v1/jobs/{job_id}/early-finish").status_code == 409
    with local_workers(house, 1):
        until(house, job_id, lambda job: job.progress is not None)
        assert analyst.post(f"/api/v1/jobs/{job_id}/early-finish").status_code == 202
        assert ended(house, job_id).state == "succeeded"


def test_the_document_shows_every_method_with_its_parameters(app: FastAPI, house: House):
    schemas = app.openapi()["components"]["schemas"]
    body = app.openapi()["paths"]["/api/v1/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["discriminator"]["mapping"]) == set(house.methods)
    assert schemas["TomogramSirtJob"]["properties"]["params"]["$ref"].endswith("TomogramSirtParams")


class TestInputs:
    """References are held against ports; what is wrong is told by field."""

    @pytest.fixture
    def dataset(self, house: House, project: Project) -> str:
        return add_series(house, project)

    def submit(self, person: Person, reference: str) -> Any:
        body = {"method": "tomogram_sirt", "inputs": {"projections": reference}}
        return person.post("/api/v1/jobs", json=body)

    def test_a_readable_tilt_series_is_taken(self, analyst: Person, dataset: str, project: Project):
        job = self.submit(analyst, dataset).json()
        assert (job["inputs"], job["project_id"]) == ({"projections": f"{dataset}/series"}, project.id)

    def test_a_part_of_a_dataset_can_be_named(self, analyst: Person, dataset: str):
        assert self.submit(analyst, f"{dataset}/series").status_code == 202
        assert self.submit(analyst, f"{dataset}/spectrum").status_code == 422

    def test_what_does_not_fit_the_port_is_refused(self, analyst: Person, dataset: str):
        answer = self.submit(analyst, f"{dataset}/overview")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/body/inputs/projections"
        assert "image" in answer.json()["detail"]

    def test_missing_and_foreign_things_are_told_alike(self, house: House, analyst: Person):
        foreign = add_series(house, add_project(house, "OTHER"))
        answers = [self.submit(analyst, reference) for reference in (foreign, new_id("ds"), new_id("exp"))]
        assert [answer.status_code for answer in answers] == [422, 422, 422]
        assert len({json.dumps(answer.json()["errors"]) for answer in answers}) == 1

    def test_a_dataset_not_yet_read_is_refused(self, house: House, analyst: Person, project: Project):
        assert self.submit(analyst, add_series(house, project, state="verified")).status_code == 422

    def test_another_project_named_beside_the_inputs_is_refused(self, analyst: Person, dataset: str, house: House):
        body = {"method": "tomogram_sirt", "inputs": {"projections": dataset}, "project_id": new_id("prj")}
        answer = analyst.post("/api/v1/jobs", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/body/project_id")

    def test_an_unfinished_job_is_found_by_what_it_reads(self, house: House, analyst: Person, dataset: str):
        from app.lab.composition import Lab

        job_id = self.submit(analyst, dataset).json()["id"]
        with house.database.reading() as session:
            blocking = Lab(house, session).jobs.using(dataset)
            assert blocking is not None
            assert blocking.id == job_id
            assert Lab(house, session).jobs.using(new_id("ds")) is None


def add_series(house: House, project: Project, *, state: str = "readable") -> str:
    """Add a dataset with a tilt series and an image."""
    arrays = [
        {"name": "series", "kind": "tilt_series", "axes": "tyx", "path": "series.ome.zarr"},
        {"name": "overview", "kind": "image", "axes": "yx", "path": "overview.ome.zarr"},
    ]
    return add_dataset(house, project, state=state, arrays=arrays if state == "readable" else []).id
