"""Samples are found by text and facets, counted by each, and seen as the tree of what was split from what."""

from typing import Any

import pytest

from tests.conftest import add_project

OLD = "2026-01-02T08:00:00Z"


@pytest.fixture
def shelf(contributor: Any, project: Any) -> dict[str, Any]:
    """Register samples of several kinds: one disposed of, one whose clock ran out."""
    made = {}
    for name, material, kind in (
        ("anode", "lithium_electrodeposited", "electrode"),
        ("anode lamella", "lithium_electrodeposited", "lamella"),
        ("powder", "nmc", "powder"),
        ("old powder", "nmc", None),
    ):
        body = {"project_id": project.id, "name": name, "material": material, "kind": kind}
        made[name] = contributor.post("/api/v1/samples", json=body).json()
    record(contributor, made["anode"], type="disassembly")
    record(contributor, made["old powder"], type="disposal")
    tagged = contributor.post(f"/api/v1/annotations/{made['powder']['id']}/tags", json={"tag": "Worth a look"})
    assert tagged.is_success, tagged.text
    return made


def record(who: Any, sample: Any, **event: Any) -> None:
    answer = who.post(f"/api/v1/samples/{sample['id']}/events", json={"occurred_at": OLD, **event})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=POWDER", {"powder", "old powder"}),
        ("material=nmc&state=kept", {"powder"}),
        ("state=disposed", {"old powder"}),
        ("kind=lamella", {"anode lamella"}),
        ("kind=none", {"old powder"}),
        ("clock=overdue", {"anode"}),
        ("q=anode&kind=powder", set()),
        ("tag=worth+a+look", {"powder"}),
    ],
)
def test_a_search_finds_what_every_part_of_it_asks_for(contributor, shelf, query, names):
    assert {item["name"] for item in contributor.get(f"/api/v1/samples?{query}").json()["items"]} == names


def counts(facets: dict[str, Any], name: str) -> dict[str | None, int]:
    return {row["value"]: row["count"] for row in facets[name]}


def test_every_facet_counts_what_choosing_it_would_find(contributor, shelf):
    facets = contributor.get("/api/v1/sample-facets?q=powder").json()
    assert facets["total"] == 2
    assert counts(facets, "material") == {"nmc": 2}
    assert counts(facets, "state") == {"kept": 1, "disposed": 1}
    assert counts(facets, "kind") == {"powder": 1, None: 1}
    assert counts(facets, "tag") == {"worth a look": 1}
    for name in ("material", "kind", "clock", "state", "tag"):
        for value, count in counts(facets, name).items():
            found = contributor.get(f"/api/v1/samples?q=powder&{name}={value or 'none'}").json()["items"]
            assert len(found) == count, (name, value)


def test_a_chosen_facet_still_counts_its_other_answers(contributor, shelf):
    facets = contributor.get("/api/v1/sample-facets?material=nmc").json()
    assert facets["total"] == 2
    assert counts(facets, "material") == {"nmc": 2, "lithium_electrodeposited": 2}
    assert counts(facets, "kind") == {"powder": 1, None: 1}


def test_a_corrected_disposal_disposes_of_nothing(contributor, shelf):
    sample = shelf["old powder"]["id"]
    events = contributor.get(f"/api/v1/samples/{sample}/events").json()["items"]
    body = {"type": "note", "occurred_at": OLD, "note": "it was another one", "supersedes_id": events[0]["id"]}
    assert contributor.post(f"/api/v1/samples/{sample}/events", json=body).status_code == 201
    assert contributor.get("/api/v1/samples?state=disposed").json()["items"] == []


def test_nobody_counts_samples_of_a_project_they_may_not_see(contributor, house, shelf):
    foreign = add_project(house, "FOREIGN")
    facets = contributor.get("/api/v1/sample-facets").json()
    assert [row["value"] for row in facets["project_id"]] == [shelf["anode"]["project_id"]]
    assert contributor.get(f"/api/v1/sample-facets?project_id={foreign.id}").status_code == 404


def test_a_family_is_told_from_its_first_ancestor_whoever_asks(contributor, shelf):
    root = shelf["anode"]
    body = {"occurred_at": OLD, "parts": [{"name": "piece"}, {"name": "other piece"}]}
    piece, other = contributor.post(f"/api/v1/samples/{root['id']}/split", json=body).json()["parts"]
    lifted = {"occurred_at": OLD, "process": "lift-out", "parts": [{"name": "tip", "kind": "tip"}]}
    (tip,) = contributor.post(f"/api/v1/samples/{piece['id']}/split", json=lifted).json()["parts"]
    for member in (root, piece, other, tip):
        family = contributor.get(f"/api/v1/samples/{member['id']}/family").json()
        assert [(each["name"], each["depth"]) for each in family] == [
            ("anode", 0),
            ("piece", 1),
            ("other piece", 1),
            ("tip", 2),
        ]
