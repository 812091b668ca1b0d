"""What was corrected and what failed goes along: scales of files, readings of beam current, jobs without a result."""

import json
from typing import Any

import pytest

from app.infra.db.models import Job
from lithoscope.writers.rocrate_preview import PREVIEW
from tests.app.exchange.facilities import Facility, Story, go_wrong, members, with_records
from tests.app.exchange.test_round_trip import RECORDS, comes_back_the_same, graph


@pytest.fixture(scope="module")
def failed(here: Facility, story: Story) -> tuple[Job, Job]:
    """Give the jobs that failed on it."""
    return go_wrong(here, story)


def records(crate: bytes) -> dict[str, Any]:
    """Return the records of a crate."""
    told: dict[str, Any] = json.loads(members(crate)[RECORDS])
    return told


@pytest.mark.parametrize("thing", ["cell", "electrode", "dataset", "result"])
def test_with_corrections_and_failures_the_way_there_and_back_gives_the_same(thing, here, story, failed, there):
    sent = here.export(getattr(story, thing).id)
    comes_back_the_same(sent, there)


def test_who_corrected_a_scale_when_and_why_stands_in_the_graph(here, story, failed):
    entities = {entity["@id"]: entity for entity in graph(here.export(story.dataset.id))}
    second = entities[f"#{story.dataset.id}-calibration2"]
    assert second["@type"] == "UpdateAction"
    assert second["description"] == "cross grating, 4.63 nm"
    assert entities[second["agent"]["@id"]]["name"]
    assert second["endTime"]
    since = entities[second["result"]["@id"]]
    assert (since["value"], since["unitText"], since["description"]) == (4.63, "nm", "standard uncertainty 0.05 nm")
    before = [entities[each["@id"]] for each in second["object"] if "before" in each["@id"]]
    assert [each["value"] for each in before] == [4.1]
    assert {"@id": second["@id"]} in entities["./"]["mentions"]


def test_the_reading_a_dose_came_from_stands_in_the_graph_and_beside_the_exposure(here, story, failed):
    crate = here.export(story.electrode.id)
    told = records(crate)
    (reading_id,) = told["readings"]
    (scan,) = (each for each in told["exposures"] if each["calibrated_by"])
    assert scan["calibrated_by"] == [reading_id]
    entities = {entity["@id"]: entity for entity in graph(crate)}
    measured = entities[entities[f"#{reading_id}"]["result"]["@id"]]
    assert (measured["value"], measured["unitText"], measured["description"]) == (
        0.24,
        "nA",
        "standard uncertainty 0.01 nA",
    )
    assert {"@id": measured["@id"]} in entities[f"#{scan['id']}"]["object"]
    assert entities[f"#{reading_id}"]["apparatus"]["@id"] in entities


def test_a_failed_job_says_what_was_wrong_in_graph_page_and_where_it_arrives(here, story, failed, there):
    crate = here.export(story.dataset.id)
    entities = {entity["@id"]: entity for entity in graph(crate)}
    action = entities[f"#{failed[1].id}"]
    assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert "lower threshold" in action["error"]
    assert "result" not in action
    page = members(crate)[PREVIEW].decode()
    assert "Runs that failed" in page
    assert "cross grating" in page
    taken = there.take(crate).json()["taken"]["target_id"]
    jobs = there.steward.get("/api/v1/jobs", params={"state": "failed"}).json()["items"]
    assert len(jobs) == 2
    (again,) = (job for job in jobs if job["retry_of"])
    assert again["retry_of"] in {job["id"] for job in jobs}
    assert all(taken in job["problem"]["detail"] and job["inputs"]["image"] == f"{taken}/volume" for job in jobs)
    retried = there.steward.post(f"/api/v1/jobs/{again['id']}/retries")
    assert retried.status_code == 202, retried.text


def _foreign(told: dict[str, Any]) -> None:
    told["jobs"][-1]["inputs"]["image"] = f"ds_{'0' * 32}/volume"


def _no_problem(told: dict[str, Any]) -> None:
    told["jobs"][-1]["problem"] = None


def _with_result(told: dict[str, Any]) -> None:
    told["jobs"][-1]["result_id"] = f"res_{'0' * 32}"


def _circle(told: dict[str, Any]) -> None:
    told["jobs"][-1]["retry_of"] = told["jobs"][-1]["id"]


def _no_reading(told: dict[str, Any]) -> None:
    told["readings"] = {}


def _in_quotes(told: dict[str, Any]) -> None:
    told["datasets"][0]["calibration_history"][0]["value"]["value"] = "4.63"


def _nobody(told: dict[str, Any]) -> None:
    told["datasets"][0]["calibration_history"][0]["changed_by"] = "<b>"


@pytest.mark.parametrize("change", [_foreign, _no_problem, _with_result, _circle, _no_reading, _in_quotes, _nobody])
def test_records_that_do_not_hold_together_are_refused(change, here, story, failed, there):
    answer = there.take(with_records(here.export(story.electrode.id), change))
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/problems/bad-crate"
    assert there.steward.get("/api/v1/samples").json()["items"] == []


def test_a_crate_of_before_these_were_carried_is_taken_in(here, story, failed, there):
    def as_before(told: dict[str, Any]) -> None:
        told["format"] = "lithoscope-records-2"
        del told["readings"]
        gone = {job["id"] for job in told["jobs"] if job["state"] == "failed"}
        told["jobs"] = [job for job in told["jobs"] if job["id"] not in gone]
        told["edges"] = [edge for edge in told["edges"] if edge["source_id"] not in gone]
        for job in told["jobs"]:
            for name in ("state", "problem", "retry_of"):
                del job[name]
        for exposure in told["exposures"]:
            del exposure["calibrated_by"]

    answer = there.take(with_records(here.export(story.electrode.id), as_before))
    assert answer.status_code == 201, answer.text
