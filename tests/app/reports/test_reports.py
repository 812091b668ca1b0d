"""A report says what is recorded, links every value to its record, and is frozen only when it lacks nothing."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest

from app.infra.clock import now
from app.infra.db.models import Job, Result, Sample
from app.infra.house import House
from app.infra.ids import new_id
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.reports.service import digest_of, from_json, to_json
from lithoscope.rules.report_words import words
from tests.app.reports.chain import (
    CHAIN,
    add_dataset,
    add_instrument,
    at,
    expose,
    record,
    record_chain,
)
from tests.conftest import add_project, add_sample


@pytest.fixture
def lamella(house: House, project: Any) -> Sample:
    found = add_sample(house, project, "LS-2026-9042")
    with house.database.writing() as session:
        row = session.get(Sample, found.id)
        assert row is not None
        row.material, row.name = "lithium_metal_foil", "Li foil lamella 3"
    return found


@pytest.fixture
def chain(analyst: Any, lamella: Sample, house: House) -> dict[str, Any]:
    """Record the flawless chain with its image."""
    events = record_chain(analyst, lamella)
    instrument = add_instrument(house)
    return {"events": events, "image": expose(analyst, lamella, 29, instrument_id=instrument.id), "ins": instrument.id}


def report_of(who: Any, target_id: str, **query: str) -> dict[str, Any]:
    kind = {"smp": "samples", "ds_": "datasets", "res": "results", "pub": "publications"}[target_id[:3]]
    answer = who.get(f"/api/v1/{kind}/{target_id}/report", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def text_of(report: dict[str, Any]) -> str:
    return "".join(piece["text"] for piece in report["methods"])


def missing(report: dict[str, Any]) -> set[str]:
    return {each["item"] for item in report["checklist"] for each in item["missing"]}


def test_the_flawless_chain_lacks_nothing_and_reads_as_published(analyst: Any, lamella: Sample, chain: Any) -> None:
    report = report_of(analyst, lamella.id)
    assert missing(report) == set()
    text = text_of(report)
    assert "milled with Ar ions" in text
    assert "the dose rate was (3500 ± 100) e/(Å² s) and the dose was at least (1750 ± 50) e/Å²" in text
    assert "on the instrument Thermo Fisher Talos F200X at 200 kV and 293 K" in text
    assert "It first met the beam 29 h after the disassembly." in text


def test_every_value_of_the_paragraph_is_that_of_a_record_the_api_knows(
    analyst: Any, lamella: Sample, chain: Any
) -> None:
    report = from_json(report_of(analyst, lamella.id))
    rooms = {"smp": "samples", "evt": "events", "exp": "exposures", "ins": "instruments"}
    linked = [piece for piece in report.methods if piece.record_id is not None]
    assert len(linked) > 25
    for piece in linked:
        assert piece.text == words(report.value(piece.record_id or "", piece.field or ""), piece.field or "")
    for record_id in {piece.record_id or "" for piece in linked}:
        assert analyst.get(f"/api/v1/{rooms[record_id[:3]]}/{record_id}").status_code == 200
    assert not re.search(r"\d", "".join(piece.text for piece in report.methods if piece.record_id is None))


@pytest.mark.parametrize(
    ("form", "media", "start"),
    [
        ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ("pdf", "application/pdf", b"%PDF"),
        ("svg", "image/svg+xml", b"<?xml"),
        ("png", "image/png", b"\x89PNG"),
    ],
)
def test_a_report_comes_in_every_format_and_the_same_moment_gives_the_same_bytes(
    analyst: Any, lamella: Sample, chain: Any, form: str, media: str, start: bytes
) -> None:
    url = f"/api/v1/samples/{lamella.id}/report"
    answer, again = (analyst.get(url, params={"format": form, "at": at(50)}) for _ in range(2))
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert answer.content.startswith(start)
    assert answer.content == again.content


def test_the_page_may_run_nothing_and_load_nothing(analyst: Any, lamella: Sample, chain: Any) -> None:
    answer = analyst.get(f"/api/v1/samples/{lamella.id}/report", params={"format": "html"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    digest = hashlib.sha256(re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)[0].encode()).digest()
    assert base64.b64encode(digest).decode() in policy


def test_a_storage_that_goes_on_is_no_gap_in_the_record(analyst: Any, lamella: Sample, chain: Any) -> None:
    record(analyst, lamella, 40, None, {"type": "storage", "place": "glovebox 2", "atmosphere": "argon"})
    report = report_of(analyst, lamella.id, at=at(50))
    assert missing(report) == set()
    assert report["events"][-1]["fields"]["duration"]["value"] == pytest.approx(10.0)
    assert "for 10 h, and lay there still." in text_of(report)
    page = analyst.get(f"/api/v1/samples/{lamella.id}/report", params={"format": "html", "at": at(50)}).text
    assert "10 h, open" in page
    assert "004: S. Bai et al., Guidelines" in page


def test_a_storage_without_end_lasted_until_the_next_record_moved_it(analyst: Any, lamella: Sample, chain: Any) -> None:
    record(analyst, lamella, 40, None, {"type": "storage", "place": "glovebox 2", "atmosphere": "argon"})
    record(analyst, lamella, 43, 44, {"type": "transfer", "method": "inert_gas_shuttle", "air_exposure_s": 0.0})
    text = text_of(report_of(analyst, lamella.id, at=at(50)))
    assert "at a temperature that was not recorded for 3 h." in text
    assert "lay there still" not in text


def test_what_happened_later_is_not_in_the_report_of_a_moment(analyst: Any, lamella: Sample, chain: Any) -> None:
    early = report_of(analyst, lamella.id, at=at(19))
    assert [event["title"] for event in early["events"]] == ["disassembly", "storage"]
    assert early["exposures"] == []


def test_a_dataset_is_reported_as_of_its_own_exposure(
    analyst: Any, lamella: Sample, chain: Any, house: House, project: Any
) -> None:
    dataset_id = add_dataset(house, project, lamella)
    expose(analyst, lamella, 30, dataset_id=dataset_id, instrument_id=chain["ins"])
    record(analyst, lamella, 31, 32, {"type": "transfer", "method": "ambient_air", "air_exposure_s": 600.0})
    expose(analyst, lamella, 33, instrument_id=chain["ins"])
    report = report_of(analyst, dataset_id)
    assert len(report["events"]) == len(CHAIN)
    assert len(report["exposures"]) == 2
    assert report["exposures"][1]["fields"]["gave"] == "lamella 3.dm4"
    assert missing(report) == set()
    assert len(report_of(analyst, lamella.id)["exposures"]) == 3


def test_a_result_is_reported_with_how_it_was_computed(
    analyst: Any, lamella: Sample, chain: Any, house: House, project: Any
) -> None:
    dataset_id = add_dataset(house, project, lamella)
    expose(analyst, lamella, 30, dataset_id=dataset_id, instrument_id=chain["ins"])
    result_id = add_result(house, lamella, dataset_id)
    report = report_of(analyst, result_id)
    kinds = {each["kind"] for each in report["others"]}
    assert {"instrument", "dataset", "result"} <= kinds
    assert "computed by the method tomogram_sirt, version 2, with Lithoscope 0.1.0." in text_of(report)
    assert {each["id"] for each in report["lineage"]} >= {dataset_id}


def add_result(house: House, sample: Sample, dataset_id: str) -> str:
    with house.database.writing() as session:
        job = Job(
            id=new_id("job"),
            project_id=sample.project_id,
            sample_id=sample.id,
            kind="analysis",
            method="tomogram_sirt",
            method_version="2",
            queue="cpu-short",
            inputs={"series": dataset_id},
            params={},
            seed=0,
            state="succeeded",
            created_by="system",
            created_at=now(),
        )
        session.add(job)
        session.flush()
        run = {"method": "tomogram_sirt", "method_version": "2", "software": {"lithoscope": "0.1.0", "numpy": "2"}}
        made = Lab(house, session).results.publish(
            job, digest="ab" * 32, store_key="k", size_bytes=1, outputs=[{"name": "volume"}], run_record=run
        )
        assert isinstance(made, Result)
        return made.id


def test_an_incomplete_report_is_refused_with_the_list_and_nothing_is_kept(
    analyst: Any, lamella: Sample, chain: Any
) -> None:
    silent = expose(analyst, lamella, 30, dose_rate_e_per_A2_s=None, instrument_id=chain["ins"])
    answer = analyst.post("/api/v1/publications", json={"target_id": lamella.id})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "/problems/report-incomplete")
    assert {(each["item"], each["record_id"]) for each in problem["missing"]} == {
        ("dose", silent["id"]),
        ("dose_rate", silent["id"]),
    }
    assert analyst.get("/api/v1/publications").json()["items"] == []


def test_a_correction_makes_the_report_complete(analyst: Any, lamella: Sample, chain: Any) -> None:
    silent = expose(analyst, lamella, 30, temperature_K=None, instrument_id=chain["ins"])
    assert missing(report_of(analyst, lamella.id)) == {"temperature"}
    expose(analyst, lamella, 30, supersedes_id=silent["id"], instrument_id=chain["ins"])
    assert missing(report_of(analyst, lamella.id)) == set()


def test_a_publication_keeps_what_was_said_when_the_record_changes(analyst: Any, lamella: Sample, chain: Any) -> None:
    answer = analyst.post("/api/v1/publications", json={"target_id": lamella.id})
    assert answer.status_code == 201, answer.text
    published = answer.json()
    expose(analyst, lamella, 31, instrument_id=chain["ins"])
    kept = analyst.get(answer.headers["Location"])
    assert kept.json() == published
    assert kept.headers["etag"] == f'"{published["digest"]}"'
    assert len(report_of(analyst, published["id"])["exposures"]) == 1
    canonical = json.dumps(published["report"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == published["digest"]
    pages = [analyst.get(f"{answer.headers['Location']}/report", params={"format": "pdf"}).content for _ in range(2)]
    assert pages[0] == pages[1]


def test_publications_are_listed_by_project_and_target(analyst: Any, lamella: Sample, chain: Any, project: Any) -> None:
    made = [analyst.post("/api/v1/publications", json={"target_id": lamella.id}).json()["id"] for _ in range(2)]
    listed = analyst.get("/api/v1/publications", params={"project_id": project.id, "target_id": lamella.id}).json()
    assert [row["id"] for row in listed["items"]] == made[::-1]
    assert "report" not in listed["items"][0]
    assert analyst.get("/api/v1/publications", params={"target_id": new_id("smp")}).json()["items"] == []


def test_whoever_may_not_run_analyses_may_not_publish(
    people: Any, project: Any, lamella: Sample, chain: Any, device: Any
) -> None:
    body = {"target_id": lamella.id}
    assert people.make(role="viewer", project=project).post("/api/v1/publications", json=body).status_code == 403
    assert (
        people.make(role="steward", project=add_project(people.house, "PRJ-2"))
        .post("/api/v1/publications", json=body)
        .status_code
        == 404
    )
    assert device.post("/api/v1/publications", json=body).status_code in {403, 404}


def test_a_frozen_report_reads_back_as_it_was_on_both_databases(any_house: House) -> None:
    project = add_project(any_house, "PRJ-9")
    sample = add_sample(any_house, project, "LS-2026-9009")
    with any_house.database.writing() as session:
        report = Lab(any_house, session).reports.of(SYSTEM, sample.id)
    again = from_json(json.loads(json.dumps(to_json(report))))
    assert again == report
    assert digest_of(again) == digest_of(report)


def test_a_name_that_is_a_date_stays_a_name(analyst: Any, house: House, project: Any) -> None:
    found = add_sample(house, project, "LS-2026-9077")
    with house.database.writing() as session:
        row = session.get(Sample, found.id)
        assert row is not None
        row.name = "2026-03-02T09:00:00Z"
    report = from_json(report_of(analyst, found.id))
    assert report.sample.fields["name"] == "2026-03-02T09:00:00Z"


def test_a_child_says_what_its_parent_was(
    analyst: Any, people: Any, house: House, project: Any, sample: Sample
) -> None:
    with house.database.writing() as session:
        row = session.get(Sample, sample.id)
        assert row is not None
        row.electrolyte, row.cell_history = "1 M LiPF6 in EC:DEC", "20 cycles at C/3"
    child = people.make(role="contributor", project=project).post(
        "/api/v1/samples",
        json={"project_id": project.id, "name": "lamella", "material": "sei", "parent_id": sample.id},
    )
    fields = report_of(analyst, child.json()["id"])["sample"]["fields"]
    assert (fields["electrolyte"], fields["cell_history"]) == ("1 M LiPF6 in EC:DEC", "20 cycles at C/3")


def test_kept_verdicts_stand_in_the_report_and_previews_where_none_is_kept(
    analyst: Any, lamella: Sample, chain: Any
) -> None:
    previews = report_of(analyst, lamella.id)["verdicts"]
    assert previews
    assert {each["evaluation_id"] for each in previews} == {None}
    protocol = analyst.get("/api/v1/protocols").json()["items"]
    chosen = next(each["id"] for each in protocol if each["id"].startswith("lithium_metal"))
    body = {"target_id": lamella.id, "protocol_id": chosen}
    kept = analyst.post("/api/v1/evaluations", json=body)
    assert kept.status_code == 201, kept.text
    (verdict,) = report_of(analyst, lamella.id)["verdicts"]
    assert (verdict["evaluation_id"], verdict["verdict"]) == (kept.json()["id"], kept.json()["verdict"])
    decided = {each for rule in verdict["rules"] for each in rule["decided_by"]}
    assert chain["image"]["id"] in decided


def test_budgets_of_watched_phases_stand_in_the_report(analyst: Any, lamella: Sample, chain: Any) -> None:
    region = {"name": "edge", "polygon_um": [[0, 0], [2, 0], [2, 1], [0, 1]], "phases": ["LiF"]}
    region_id = analyst.post(f"/api/v1/samples/{lamella.id}/regions", json=region).json()["id"]
    expose(analyst, lamella, 30, region_id=region_id, instrument_id=chain["ins"])
    report = report_of(analyst, lamella.id)
    (budget,) = report["budgets"]
    assert (budget["region"], budget["phase"], budget["state"]) == ("edge", "LiF", "exceeded")
    assert report["regions"][0]["fields"]["extent"] == "2 × 1 µm"


def test_a_dataset_that_no_sample_is_known_of_has_no_report(analyst: Any, house: House, project: Any) -> None:
    answer = analyst.get(f"/api/v1/datasets/{add_dataset(house, project, None)}/report")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/without-sample")


def test_a_superseded_event_leaves_the_report_as_if_it_had_been_right_at_first(
    analyst: Any, lamella: Sample, chain: Any, house: House, project: Any
) -> None:
    wrong = chain["events"][2]
    right = {"type": "transfer", "method": "inert_gas_shuttle", "air_exposure_s": 15.0, "supersedes_id": wrong["id"]}
    record(analyst, lamella, 20, 20.2, right)
    text = text_of(report_of(analyst, lamella.id))
    assert "The recorded time in air adds up to 15 s." in text
    assert wrong["id"] not in {event["id"] for event in report_of(analyst, lamella.id)["events"]}
