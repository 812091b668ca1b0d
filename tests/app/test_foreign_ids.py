"""Ids inside bodies: another project's are refused in the very words that ids of nothing are."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.infra.clock import now
from app.infra.ids import new_id
from tests.conftest import People, Person, add_device, add_project, add_sample, served
from tests.objects import add_everything, rule_of, series_of, titration_of

WHEN = (now() - timedelta(hours=1)).isoformat()
SPAN = {"from_at": WHEN, "to_at": (now() - timedelta(minutes=50)).isoformat()}
PLAN = {"phase": "LiF", "beam_energy_kV": 200.0, "temperature_K": 293.0}
BEAM = {"beam_current_nA": 0.1, "dwell_s": 1.0, "step_nm": 1.0}
RASTER = {"mode": "stem_raster", "occurred_at": WHEN}
NOTE = {"type": "note", "occurred_at": WHEN, "note": "x"}

# where -> (path, body from the id of another project, the object's kind); `own` is the asker's sample, `prj` project
Bodies = dict[str, tuple[str, str, Callable[[str, dict[str, str]], dict[str, Any]]]]
BODIES: Bodies = {
    "event supersedes": ("/samples/{own}/events", "event_id", lambda i, _: {**NOTE, "supersedes_id": i}),
    "event titrated in": (
        "/samples/{own}/events",
        "series_id",
        lambda i, _: {"type": "titration", "occurred_at": WHEN, "titration_series_id": i},
    ),
    "event cycled in": (
        "/samples/{own}/events",
        "dataset_id",
        lambda i, _: {"type": "electrochemical_cycling", "occurred_at": WHEN, "cycles": 50, "dataset_id": i},
    ),
    "event splits into": (
        "/samples/{own}/events",
        "sample_id",
        lambda i, _: {"type": "split", "occurred_at": WHEN, "child_ids": [i]},
    ),
    "exposure of data": ("/samples/{own}/exposures", "dataset_id", lambda i, _: {**RASTER, "dataset_id": i}),
    "exposure of region": ("/samples/{own}/exposures", "region_id", lambda i, _: {**RASTER, "region_id": i}),
    "exposure supersedes": ("/samples/{own}/exposures", "exposure_id", lambda i, _: {**RASTER, "supersedes_id": i}),
    "beam record supersedes": (
        "/samples/{own}/beam-records",
        "beam_record_id",
        lambda i, _: {"kind": "valve_log", **SPAN, "intervals": [], "supersedes_id": i},
    ),
    "series of sample": (
        "/titration-series",
        "sample_id",
        lambda i, ids: _with_sample(titration_of(ids["prj"], ids["gas_calibration_id"]), i),
    ),
    "series supersedes": (
        "/titration-series",
        "series_id",
        lambda i, ids: {**titration_of(ids["prj"], ids["gas_calibration_id"]), "supersedes_id": i},
    ),
    "series of project": (
        "/titration-series",
        "project_id",
        lambda i, ids: titration_of(i, ids["gas_calibration_id"]),
    ),
    "webhook of project": ("/webhooks", "project_id", lambda i, _: {"url": "https://10.0.0.9/x", "project_id": i}),
    "publication of sample": ("/publications", "sample_id", lambda i, _: {"target_id": i}),
    "publication of data": ("/publications", "dataset_id", lambda i, _: {"target_id": i}),
    "publication of result": ("/publications", "result_id", lambda i, _: {"target_id": i}),
    "link to sample": ("/review-links", "sample_id", lambda i, _: {"target_id": i, "purpose": "x"}),
    "link to result": ("/review-links", "result_id", lambda i, _: {"target_id": i, "purpose": "x"}),
    "link to publication": ("/review-links", "publication_id", lambda i, _: {"target_id": i, "purpose": "x"}),
    "verdict of sample": ("/evaluations", "sample_id", lambda i, _: _judged(i)),
    "verdict of data": ("/evaluations", "dataset_id", lambda i, _: _judged(i)),
    "verdict of result": ("/evaluations", "result_id", lambda i, _: _judged(i)),
    "dose plan on region": ("/dose-plans", "region_id", lambda i, _: {**PLAN, **BEAM, "region_id": i}),
    "chain plan of sample": ("/chain-plans", "sample_id", lambda i, _: {"sample_id": i}),
    "recipe of data": ("/recipe-runs", "dataset_id", lambda i, _: _recipe(i)),
    "recipe of result": ("/recipe-runs", "result_id", lambda i, _: _recipe(f"{i}/volume")),
    "recipe of exposure": ("/recipe-runs", "exposure_id", lambda i, _: _recipe(i)),
    "preview of data": ("/recipe-previews", "dataset_id", lambda i, _: _recipe(i)),
    "preview of result": ("/recipe-previews", "result_id", lambda i, _: _recipe(f"{i}/volume")),
    "estimate of data": ("/job-estimates", "dataset_id", lambda i, _: _estimated(i)),
    "estimate of result": ("/job-estimates", "result_id", lambda i, _: _estimated(f"{i}/volume")),
    "estimate of project": ("/job-estimates", "project_id", lambda i, _: {"project_id": i, **_estimated("ds_0")}),
    "rule of project": ("/processing-rules", "project_id", lambda i, _: rule_of(i)),
    "input of rule": ("/processing-rules", "result_id", lambda i, ids: _ruled(ids["prj"], f"{i}/labels")),
    "trial of rule": ("/processing-rule-dry-runs", "project_id", lambda i, _: {"rule": rule_of(i)}),
    "growing series of project": (
        "/series",
        "project_id",
        lambda i, ids: series_of(i, ids["own"]),
    ),
    "growing series of sample": ("/series", "sample_id", lambda i, ids: series_of(ids["prj"], i)),
    "growing series on region": (
        "/series",
        "region_id",
        lambda i, ids: series_of(ids["prj"], ids["own"], region_id=i),
    ),
    "growing series by rule": (
        "/series",
        "processing_rule_id",
        lambda i, ids: series_of(ids["prj"], ids["own"], rule_id=i),
    ),
    "part of data": (
        "/series/{own_series}/parts",
        "dataset_id",
        lambda i, _: {"dataset_id": i, "number": 1, "tilt_deg": 0.0},
    ),
    "part of series": (
        "/series/{live_series_id}/parts",
        "dataset_id",
        lambda i, _: {"dataset_id": i, "number": 1, "tilt_deg": 0.0},
    ),
    "split of sample": (
        "/samples/{sample_id}/split",
        "sample_id",
        lambda _i, _: {"occurred_at": "2026-10-01T08:00:00Z", "parts": [{"name": "x"}]},
    ),
    "split supersedes": (
        "/samples/{own}/split",
        "event_id",
        lambda i, _: {"occurred_at": "2026-10-01T08:00:00Z", "parts": [{"name": "x"}], "supersedes_id": i},
    ),
    "child of sample": (
        "/samples",
        "sample_id",
        lambda i, ids: {"project_id": ids["prj"], "name": "x", "material": "nmc", "parent_id": i},
    ),
}


def _with_sample(series: dict[str, Any], sample_id: str) -> dict[str, Any]:
    return {**series, "bottles": [{**each, "sample_id": sample_id} for each in series["bottles"]]}


def _ruled(project_id: str, reference: str) -> dict[str, Any]:
    return rule_of(project_id, action={"method": "tomogram_sirt", "inputs": {"mask": reference}})


def _recipe(reference: str) -> dict[str, Any]:
    return {"recipe": "tilt_series_to_particle", "inputs": {"projections": reference}}


def _estimated(reference: str) -> dict[str, Any]:
    return {"method": "tomogram_sirt", "inputs": {"projections": reference}}


def _judged(target_id: str) -> dict[str, Any]:
    return {"target_id": target_id, "protocol_id": "simultaneous_tomography"}


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Person, dict[str, str]]]:
    """Give a steward of one project, the ids of everything in another, and their own sample and project."""
    with served(tmp_path_factory.mktemp("foreign") / "data") as (house, client):
        project, other = add_project(house, "MINE"), add_project(house, "OTHER")
        ids = add_everything(
            house,
            project,
            add_sample(house, project, "LS-2026-0001"),
            add_device(house, client, [project]).instrument,
        )
        people, own = People(house, client), add_sample(house, other, "LS-2026-0002")
        record = people.make(role="contributor", project=project).post(
            f"/api/v1/samples/{ids['sample_id']}/beam-records", json={"kind": "valve_log", **SPAN, "intervals": []}
        )
        person = people.make(role="steward", project=other)
        growing = person.post("/api/v1/series", json=series_of(other.id, own.id)).json()["id"]
        own_ids = {"own": own.id, "prj": other.id, "own_series": growing}
        yield person, {**ids, **own_ids, "beam_record_id": record.json()["id"]}


@pytest.mark.parametrize("where", BODIES)
def test_an_id_of_another_project_is_refused_as_an_id_of_nothing(
    asker: tuple[Person, dict[str, str]], where: str
) -> None:
    person, ids = asker
    path, name, body = BODIES[where]
    url = f"/api/v1{path.format(**ids)}"
    foreign = person.post(url, json=body(ids[name], ids))
    missing = person.post(url, json=body(new_id(ids[name].partition("_")[0]), ids))
    assert foreign.status_code in {404, 422}, foreign.text
    assert _said(foreign) == _said(missing)


# what is asked by a query instead: the address, and the kind of the id in it
QUERIES = {
    "comparison of results": ("/comparisons?of={id}&of=res_0", "result_id"),
    "comparison of jobs": ("/comparisons?of={id}&of=job_0", "job_id"),
    "exposures of sample": ("/input-offers?of=raster_dose&input=exposure&sample_id={id}", "sample_id"),
    "arrays of sample": ("/input-offers?of=tomogram_sirt&input=projections&sample_id={id}", "sample_id"),
    "samples of project": ("/samples?project_id={id}", "project_id"),
    "facets of project": ("/sample-facets?project_id={id}", "project_id"),
    "tags of project": ("/tags?project_id={id}", "project_id"),
    "what is tagged in project": ("/tagged?project_id={id}", "project_id"),
    "links of project": ("/review-links?project_id={id}", "project_id"),
    "links to sample": ("/review-links?target_id={id}", "sample_id"),
    "links to result": ("/review-links?target_id={id}", "result_id"),
}


@pytest.mark.parametrize("where", QUERIES)
def test_an_id_of_another_project_in_a_query_finds_what_an_id_of_nothing_does(
    asker: tuple[Person, dict[str, str]], where: str
) -> None:
    person, ids = asker
    address, name = QUERIES[where]
    foreign = person.get(f"/api/v1{address.format(id=ids[name])}")
    missing = person.get(f"/api/v1{address.format(id=new_id(ids[name].partition('_')[0]))}")
    assert foreign.status_code == missing.status_code
    assert _said(foreign) == _said(missing)
    assert ids["sample_id"] not in foreign.text.replace(address.format(id=ids[name]), "")


def test_counts_of_ones_own_projects_tell_nothing_of_others(asker: tuple[Person, dict[str, str]]) -> None:
    person, ids = asker
    facets = person.get("/api/v1/sample-facets").json()
    assert (facets["total"], facets["tag"]) == (1, [])
    assert facets["project_id"] == [{"value": ids["prj"], "count": 1}]
    assert person.get("/api/v1/tags").json()["items"] == person.get("/api/v1/tagged").json()["items"] == []
    assert person.get("/api/v1/review-links").json()["items"] == []
    assert [row["project_id"] for row in person.get("/api/v1/project-spaces").json()["items"]] == [ids["prj"]]
    overview = person.get("/api/v1/overview").json()
    assert overview["counts"] == {"running": 0, "waiting": 0, "failed": 0}
    assert ids["project_id"] not in str(overview)


def _said(answer: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}
