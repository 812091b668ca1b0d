"""Electrochemical cycling as custody evidence: a table of capacity against cycle, uploaded, attached, drawn, used."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.infra.db.models import Project
from app.infra.house import House
from app.lab.composition import Lab
from app.settings import Settings
from tests.app.portal.test_pages import HTML, form
from tests.app.results.publishing import add_job, publish
from tests.app.uploads.uploading import put
from tests.conftest import People, Person, add_project, add_sample, settings_for
from tests.datasets import add_dataset
from tests.workers.running import HURRIED, ended, local_workers

CYCLING = b"cycle,discharge_capacity_mAh_g\n1,150.0\n50,98.55\n100,71.7\n"
TABLE = {"name": "table", "title": "Table", "kind": "table", "path": "table.csv", "columns": {"cycle": "1"}, "rows": 3}
EVENT = {"type": "electrochemical_cycling", "occurred_at": "2026-03-01T08:00:00Z", "cycles": 50}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data", **HURRIED)


@pytest.fixture
def sample(house: House, project: Project) -> Any:
    return add_sample(house, project, "CELL-1")


def recorded(analyst: Person, sample: Any, **fields: Any) -> Any:
    return analyst.post(f"/api/v1/samples/{sample.id}/events", json={**EVENT, **fields})


def test_a_cyclers_table_is_uploaded_attached_and_gives_the_retention(
    house: House, analyst: Person, project: Project, sample: Any
):
    with local_workers(house):
        sent = put(analyst, CYCLING, project.id, "cycling.csv", sample_id=sample.id)
        assert sent.status_code == 201, sent.text
        dataset_id = sent.json()["id"]
        job = analyst.get("/api/v1/jobs", params={"kind": "ingest"}).json()["items"][0]
        assert ended(house, job["id"]).state == "succeeded"
        dataset = analyst.get(f"/api/v1/datasets/{dataset_id}").json()
        assert (dataset["state"], dataset["kind"], dataset["format"]) == ("readable", "table", "csv")
        rows = analyst.get(f"/api/v1/datasets/{dataset_id}/arrays/table/table").json()
        assert rows["columns"]["cycle"] == [1, 50, 100]
        assert rows["units"]["discharge_capacity_mAh_g"] == "mAh/g"
        event = recorded(analyst, sample, capacity_retention_percent=65.7, source="measured", dataset_id=dataset_id)
        assert event.status_code == 201, event.text
        body = {"method": "capacity_retention", "inputs": {"cycling": f"{dataset_id}/table"}}
        made = ended(house, analyst.post("/api/v1/jobs", json=body).json()["id"])
    assert event.json()["evidence"] == [{"kind": "dataset", "reference": dataset_id, "note": None}]
    lineage = analyst.get(f"/api/v1/lineage/{event.json()['id']}").json()
    assert {"source_id": event.json()["id"], "target_id": dataset_id, "relation": "used"} in [
        {name: edge[name] for name in ("source_id", "target_id", "relation")} for edge in lineage["edges"]
    ]
    result = analyst.get(f"/api/v1/results/{made.result_id}").json()
    assert result["outputs"][1]["quantity"]["value"] == pytest.approx(0.522)
    timeline = analyst.get(f"/samples/{sample.id}", headers=HTML).text
    assert f'href="/datasets/{dataset_id}"' in timeline
    assert "65.7" in timeline
    assert "chart" in analyst.get(f"/datasets/{dataset_id}", headers=HTML).text


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"cycles": -1}, "/body/cycles"),
        ({"cycles": 1.5}, "/body/cycles"),
        ({"capacity_retention_percent": -2}, "/body/capacity_retention_percent"),
        ({"dataset_id": "ds_" + "0" * 32}, "/body/dataset_id"),
    ],
)
def test_a_wrong_field_is_named(analyst: Person, sample: Any, fields: dict[str, Any], pointer: str):
    answer = recorded(analyst, sample, **fields)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_only_a_readable_table_of_the_samples_project_is_evidence(
    house: House, analyst: Person, project: Project, sample: Any
):
    image = {"name": "image", "title": "Image", "kind": "image", "axes": "yx"}
    for dataset in (
        add_dataset(house, project, arrays=[image]),
        add_dataset(house, project, arrays=[TABLE], state="rejected"),
        add_dataset(house, add_project(house, "OTHER"), arrays=[TABLE]),
    ):
        (error,) = recorded(analyst, sample, dataset_id=dataset.id).json()["errors"]
        assert error["pointer"] == "/body/dataset_id"
        assert "No such table" in error["detail"]


def test_the_form_offers_the_tables_of_the_project(house: House, analyst: Person, project: Project, sample: Any):
    dataset = add_dataset(house, project, arrays=[TABLE], filename="cycling.csv")
    page = f"/samples/{sample.id}/events/new"
    assert f'value="{dataset.id}"' in analyst.get(f"{page}?type=electrochemical_cycling", headers=HTML).text
    answers = {
        "type": "electrochemical_cycling",
        "occurred_at": "2026-03-01T08:00",
        "occurred_at.zone": "+00:00",
        "cycles": "50",
    }
    answer = form(analyst, page, f"{page}?type=electrochemical_cycling", **answers, dataset_id=dataset.id)
    assert answer.status_code == 303, answer.text
    (event,) = analyst.get(f"/api/v1/samples/{sample.id}/events").json()["items"]
    assert event["details"]["dataset_id"] == dataset.id


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "electrochemical_cycling", "cycles": 50, "dataset_id": "it"},
        {"type": "note", "note": "see it", "evidence": [{"kind": "dataset", "reference": "it"}]},
    ],
)
def test_what_an_event_names_as_evidence_is_not_deleted_until_the_event_is_corrected(
    house: House, people: People, project: Project, sample: Any, tmp_path: Path, fields: dict[str, Any]
):
    steward = people.make(role="steward", project=project)
    dataset = add_dataset(house, project, arrays=[TABLE])
    scan = add_dataset(house, project, sample)
    with house.database.writing() as session:
        Lab(house, session).lineage.link(scan.id, sample.id, "wasDerivedFrom")
    publish(house, add_job(house, project, sample, image=scan.id), tmp_path)  # of the sample, not of the table
    moment = {"occurred_at": EVENT["occurred_at"]}
    named = json.loads(json.dumps(fields).replace('"it"', f'"{dataset.id}"'))
    events = f"/api/v1/samples/{sample.id}/events"
    sent = steward.post(events, json={**moment, **named})
    assert sent.status_code == 201, sent.text
    event = sent.json()
    delete = partial(
        steward.delete,
        f"/api/v1/datasets/{dataset.id}",
        params={"reason": "mixed up"},
        headers={"If-Match": f'"{dataset.version}"'},
    )
    refused = delete()
    assert (refused.status_code, refused.json().get("dependents")) == (409, [event["id"]])
    corrected = {**moment, "type": "note", "note": "the file was of another cell", "supersedes_id": event["id"]}
    answer = steward.post(events, json=corrected)
    assert answer.status_code == 201, answer.text
    assert delete().status_code == 200
