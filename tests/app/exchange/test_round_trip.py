"""A sample's story goes to another facility and comes back the same."""

import io
import json
from typing import Any

import h5py
import pytest

from lithoscope.writers.record_tables import KINDS
from lithoscope.writers.rocrate_preview import PREVIEW
from tests.app.exchange.facilities import Facility, facility, members, with_records

RECORDS = "lithoscope-records.json"
METADATA = "ro-crate-metadata.json"


def graph(crate: bytes) -> list[dict[str, Any]]:
    """Return the entities of a crate without the service that wrote it."""
    entities = json.loads(members(crate)[METADATA])["@graph"]
    return [entity for entity in entities if entity["@id"] != "#service"]


def comes_back_the_same(sent: bytes, there: Facility) -> None:
    """Take a crate in, and hold what is exported again against it: payload byte for byte, and graph."""
    answer = there.take(sent)
    assert answer.status_code == 201, answer.text
    back = there.export(answer.json()["taken"]["target_id"])
    assert graph(back) == graph(sent)
    assert {**members(back), METADATA: b""} == {**members(sent), METADATA: b""}


@pytest.mark.parametrize("thing", ["cell", "electrode", "dataset", "result"])
def test_export_import_export_gives_the_same_payload_and_graph(thing, here, story, there):
    sent = here.export(getattr(story, thing).id)
    comes_back_the_same(sent, there)


@pytest.mark.postgres
def test_a_crate_comes_from_one_database_into_the_other_and_leaves_it_the_same(here, story, postgres_url, tmp_path):
    sent = here.export(story.cell.id)
    with facility(tmp_path / "there", "OTHER", database_url=postgres_url) as there:
        answer = there.take(sent)
        assert answer.status_code == 201, answer.text
        assert graph(there.export(answer.json()["taken"]["target_id"])) == graph(sent)
        assert there.take(sent).status_code == 409, "it is there already"
        samples = there.steward.get("/api/v1/samples").json()["items"]
        assert len(samples) == len({sample["code"] for sample in samples}) == 2


def test_what_people_said_and_judged_arrives_as_it_was(here, story, there):
    target = there.take(here.export(story.result.id)).json()["taken"]["target_id"]
    ask = there.steward.get
    assert [note["text"] for note in ask(f"/api/v1/annotations/{target}/notes").json()["items"]] == ["=1+1"]
    (label,) = ask(f"/api/v1/results/{target}/labels").json()["items"]
    assert (label["output"], label["label"], label["phase"]) == ("labels", 1, "Li2O")
    assert [each["tag"] for each in ask("/api/v1/tags").json()["items"]] == ["day 1", "lithium foil"]
    (kept,) = ask("/api/v1/evaluations").json()["items"]
    verdict = ask(f"/api/v1/evaluations/{kept['id']}").json()
    (given,) = here.steward.get("/api/v1/evaluations").json()["items"]
    was = here.steward.get(f"/api/v1/evaluations/{given['id']}").json()
    assert (verdict["verdict"], verdict["digest"]) == (was["verdict"], was["digest"])
    assert [(rule["rule_id"], rule["verdict"]) for rule in verdict["rules"]] == [
        (rule["rule_id"], rule["verdict"]) for rule in was["rules"]
    ]
    for one, other in zip(verdict["rules"], was["rules"], strict=True):
        assert len(one["decided_by"]) == len(other["decided_by"])
        assert not set(one["decided_by"]) & set(other["decided_by"]), "it names the events of here"
    (run,) = ask("/api/v1/recipe-runs").json()["items"]
    assert run["steps"][0]["result_id"] == target
    assert run["outputs"][0]["reference"] == f"{target}/labels"
    assert run["inputs"]["image"].endswith("/volume")
    assert "segmented_volume" in ask(f"/api/v1/recipe-runs/{run['id']}/paragraph").json()["text"]


def test_notes_tags_labels_verdicts_and_runs_are_entities_of_their_own(here, story):
    entities = {entity["@id"]: entity for entity in graph(here.export(story.cell.id))}
    kinds = [entity["@type"] for entity in entities.values()]
    assert (kinds.count("Comment"), kinds.count("AssessAction"), kinds.count("OrganizeAction")) == (2, 3, 1)
    assert entities[f"#{story.cell.id}"]["keywords"] == ["lithium foil"]
    organised = next(entity for entity in entities.values() if entity["@type"] == "OrganizeAction")
    assert organised["object"] == {"@id": f"#{story.job.id}"}
    mentioned = {each["@id"] for each in entities["./"]["mentions"]}
    said = {each for each, entity in entities.items() if entity["@type"] in ("Comment", "AssessAction")}
    assert said <= mentioned


def test_nexus_tells_units_critical_doses_and_what_was_judged(here, story):
    with h5py.File(io.BytesIO(here.export(story.electrode.id, format="nexus")), "r") as file:
        cell, electrode = file["entry1/sample1/history"], file["entry1/sample2/history"]
        (opened,) = (each for each in cell.values() if each["description"].asstr()[()] == "disassembly")
        assert opened["lithoscope_o2_ppm"].attrs["units"] == "ppm"
        (beam,) = (each for name, each in electrode.items() if name.startswith("exp_"))
        critical = beam["lithoscope_critical_dose_LiF"]
        assert critical.attrs["units"] == "1/angstrom^2"
        assert critical.attrs["reason"]
        notes = {name[:3]: each for name, each in electrode.items() if each.attrs["NX_class"] == "NXnote"}
        assert set(notes) == {"nte", "evl"}
        assert notes["evl"]["lithoscope_verdict"].asstr()[()] == "not_recorded"
        assert "Cathodes in the focused ion beam" in notes["evl"]["description"].asstr()[()]


def test_the_page_of_a_crate_tells_people_what_is_in_it_and_escapes_it(here, story):
    here.steward.post(f"/api/v1/annotations/{story.cell.id}/notes", json={"text": "<script>alert(1)</script>"})
    page = members(here.export(story.cell.id))[PREVIEW].decode()
    for words in (
        "LS-2026-0001-E1",
        "disassembly",
        "1750 ± 50 e/A^2 (header)",
        "200 kV",
        "tilt 7°.emd",
        "not recorded",
    ):
        assert words in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_crate_of_before_notes_were_carried_is_taken_in(here, story, there):
    def as_before(records: dict[str, Any]) -> None:
        records["format"] = "lithoscope-records-1"
        for kind in ("runs", "notes", "tags", "labels", "evaluations"):
            del records[kind]

    answer = there.take(with_records(here.export(story.electrode.id), as_before))
    assert answer.status_code == 201, answer.text


def test_a_whole_project_arrives_with_all_it_holds(here, story, there):
    sent = here.export(here.project.id)
    answer = there.take(sent)
    assert answer.status_code == 201, answer.text
    first, second = members(sent), members(there.export(there.project.id))
    records, back = (json.loads(each[RECORDS]) for each in (first, second))
    for kind in KINDS:
        assert {each["id"] for each in back[kind]} == {each["id"] for each in records[kind]}
    told = {METADATA, RECORDS, PREVIEW}  # which name the project they are of
    assert {name: first[name] for name in first if name not in told} == {
        name: second[name] for name in second if name not in told
    }


def test_the_same_content_gives_the_same_bytes(here, story):
    assert here.export(story.cell.id) == here.export(story.cell.id)


def test_digests_lineage_and_dose_arrive(here, story, there):
    taken = there.take(here.export(story.result.id)).json()["taken"]
    result = there.steward.get(f"/api/v1/results/{taken['target_id']}").json()
    assert result["digest"] == story.result.digest
    walked = there.steward.get(f"/api/v1/lineage/{result['id']}?direction=upstream").json()
    was = here.steward.get(f"/api/v1/lineage/{story.result.id}?direction=upstream").json()
    assert sorted(node["kind"] for node in walked["nodes"]) == sorted(node["kind"] for node in was["nodes"])
    assert len(walked["edges"]) == len(was["edges"])
    dose = there.steward.get(f"/api/v1/samples/{result['sample_id']}/dose").json()
    assert dose["exposures"][0]["recorded"]["value"] == pytest.approx(1750.0)
    origin = there.steward.get(f"/api/v1/origins/{result['id']}").json()
    assert origin["origin_id"] == story.result.id
    assert origin["project"] == here.project.title
