"""Notes stay with author and moment; tags are words that things are found by."""

from typing import Any

import pytest

from app.lab.annotations.schemas import clean_tag
from app.lab.annotations.service import MOST_TAGS
from tests.app.results.publishing import add_job, publish
from tests.conftest import People, Person, add_project, add_sample
from tests.datasets import add_dataset


@pytest.fixture
def contributor(people: People, project: Any) -> Person:
    return people.make(role="contributor", project=project)


@pytest.fixture
def things(house: Any, project: Any, sample: Any, tmp_path: Any) -> dict[str, str]:
    dataset = add_dataset(house, project, sample)
    result = publish(house, add_job(house, project, sample, volume=dataset.id), tmp_path)
    return {"sample": sample.id, "dataset": dataset.id, "result": result.id}


def of(thing: str, what: str) -> str:
    return f"/api/v1/annotations/{thing}/{what}"


def tag(who: Any, thing: str, text: str) -> Any:
    return who.post(of(thing, "tags"), json={"tag": text})


@pytest.mark.parametrize("kind", ["sample", "dataset", "result"])
def test_a_note_stays_with_its_author_and_moment(contributor: Any, things: Any, kind: str) -> None:
    made = contributor.post(of(things[kind], "notes"), json={"text": "  The left edge looks burnt.\n"})
    assert made.status_code == 201
    note = made.json()
    assert note["text"] == "The left edge looks burnt."
    assert note["author"] == contributor.user.display_name
    contributor.post(of(things[kind], "notes"), json={"text": "On a second look it is not."})
    listed = contributor.get(of(things[kind], "notes")).json()["items"]
    assert [each["text"] for each in listed] == ["On a second look it is not.", "The left edge looks burnt."]
    assert listed[1] == note


def test_nothing_changes_or_deletes_a_note(contributor: Any, things: Any) -> None:
    note = contributor.post(of(things["sample"], "notes"), json={"text": "x"}).json()
    for method in ("put", "patch", "delete"):
        answer = contributor.request(method, f"{of(things['sample'], 'notes')}/{note['id']}")
        assert answer.status_code in {404, 405}


def test_notes_come_page_by_page(contributor: Any, things: Any) -> None:
    for number in range(5):
        contributor.post(of(things["sample"], "notes"), json={"text": str(number)})
    first = contributor.get(of(things["sample"], "notes") + "?limit=3").json()
    rest = contributor.get(first["next"]).json()
    assert [each["text"] for each in first["items"] + rest["items"]] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Cathode ", "cathode"),
        ("Low   Dose", "low dose"),
        ("NMC-811/A", "nmc-811/a"),
        ("Größe", "grösse"),
        ("µ", "μ"),
    ],
)
def test_a_tag_is_written_one_way(written: str, kept: str) -> None:
    assert clean_tag(written) == kept
    assert clean_tag(kept) == kept


@pytest.mark.parametrize("bad", ["", "  ", "a" * 41, "a\x07b", "<b>", "a,b", "-a", "a--b", "a\u202eb"])
def test_what_can_be_no_tag_is_refused(contributor: Any, things: Any, bad: str) -> None:
    answer = tag(contributor, things["sample"], bad)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body/tag"


def test_a_tag_given_twice_is_there_once(contributor: Any, people: Any, project: Any, things: Any) -> None:
    other = people.make(role="contributor", project=project)
    first = tag(contributor, things["result"], "For the paper").json()
    again = tag(other, things["result"], "for the PAPER")
    assert again.status_code == 201
    assert again.json()["created_by"] == first["created_by"] == contributor.id
    assert len(contributor.get(of(things["result"], "tags")).json()["items"]) == 1


def test_what_carries_a_tag_is_found_by_it(contributor: Any, things: Any) -> None:
    for thing in things.values():
        tag(contributor, thing, "edge case/1")
    tag(contributor, things["sample"], "other")
    found = contributor.get("/api/v1/tagged?tag=Edge%20Case/1").json()["items"]
    assert {each["id"]: each["kind"] for each in found} == {thing: kind for kind, thing in things.items()}
    only = contributor.get("/api/v1/tagged?tag=edge%20case/1&kind=dataset").json()["items"]
    assert [each["id"] for each in only] == [things["dataset"]]
    counted = contributor.get("/api/v1/tags").json()["items"]
    assert counted == [{"tag": "edge case/1", "things": 3}, {"tag": "other", "things": 1}]


def test_a_tag_taken_off_finds_nothing_and_stays_in_the_audit_log(contributor: Any, people: Any, things: Any) -> None:
    tag(contributor, things["sample"], "a/b")
    assert contributor.delete(of(things["sample"], "tags/a/b")).status_code == 204
    assert contributor.delete(of(things["sample"], "tags/a/b")).status_code == 404
    assert contributor.get("/api/v1/tagged?tag=a/b").json()["items"] == []
    acts = people.admin.get(f"/api/v1/audit-entries?object_id={things['sample']}").json()["items"]
    assert [act["action"] for act in acts[:2]] == ["tag.remove", "tag.add"]


def test_a_thing_has_so_many_tags_and_no_more(contributor: Any, things: Any) -> None:
    for number in range(MOST_TAGS):
        assert tag(contributor, things["sample"], f"tag {number}").status_code == 201
    answer = tag(contributor, things["sample"], "one more")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/too-many-tags")


def test_a_viewer_reads_and_writes_nothing(people: Any, project: Any, things: Any) -> None:
    viewer = people.make(role="viewer", project=project)
    assert viewer.get(of(things["sample"], "notes")).status_code == 200
    assert viewer.post(of(things["sample"], "notes"), json={"text": "x"}).status_code == 403
    assert tag(viewer, things["sample"], "x").status_code == 403


def test_another_project_sees_neither_notes_nor_tags(house: Any, contributor: Any, people: Any, things: Any) -> None:
    other = add_project(house, "PRJ-2")
    stranger = people.make(role="steward", project=other)
    tag(contributor, things["sample"], "secret")
    assert stranger.get(of(things["sample"], "tags")).status_code == 404
    assert stranger.get("/api/v1/tags").json()["items"] == []
    assert stranger.get("/api/v1/tagged?tag=secret").json()["items"] == []
    tag(stranger, add_sample(house, other, "LS-2026-9002").id, "secret")
    assert len(stranger.get("/api/v1/tagged?tag=secret").json()["items"]) == 1


def test_what_is_none_of_these_kinds_cannot_be_annotated(contributor: Any, project: Any) -> None:
    assert tag(contributor, project.id, "x").status_code == 404
    assert contributor.post(of("no-such-thing", "notes"), json={"text": "x"}).status_code == 404
