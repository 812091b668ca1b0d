"""The graph is drawn once and walked both ways, as far as the walker may see."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import func, select

from app.errors import NotFound
from app.infra.db.models import LineageEdge, Project, Sample
from app.infra.house import House
from app.lab.access import SYSTEM, Actor
from app.lab.composition import Lab
from app.lab.lineage.repository import MAX_DEPTH
from tests.conftest import add_project, add_sample


def chain(house: House, project: Project, length: int) -> list[Sample]:
    """Add samples each derived from the one before."""
    samples = [add_sample(house, project, f"S-{project.code}-{number}") for number in range(length)]
    with house.database.writing() as session:
        for parent, child in pairwise(samples):
            Lab(house, session).lineage.link(child.id, parent.id, "wasDerivedFrom")
    return samples


def walk(house: House, actor: Actor, root: str, direction: Any = "both") -> Any:
    with house.database.reading() as session:
        return Lab(house, session).lineage.walk(actor, root, direction)


def test_drawing_an_arrow_twice_draws_it_once(any_house: House) -> None:
    first, second = chain(any_house, add_project(any_house, "P"), 2)
    with any_house.database.writing() as session:
        Lab(any_house, session).lineage.link(second.id, first.id, "wasDerivedFrom")
        assert session.scalar(select(func.count()).select_from(LineageEdge)) == 1


def test_the_walk_goes_up_down_and_both_ways(any_house: House) -> None:
    samples = chain(any_house, add_project(any_house, "P"), 5)
    depths = {
        way: {node.id: node.depth for node in walk(any_house, SYSTEM, samples[2].id, way).nodes}
        for way in ("upstream", "downstream", "both")
    }
    assert depths["upstream"] == {samples[2].id: 0, samples[1].id: 1, samples[0].id: 2}
    assert depths["downstream"] == {samples[2].id: 0, samples[3].id: -1, samples[4].id: -2}
    assert depths["both"] == depths["upstream"] | depths["downstream"]


def test_a_circle_ends_the_walk(any_house: House) -> None:
    first, second, third = chain(any_house, add_project(any_house, "P"), 3)
    with any_house.database.writing() as session:
        Lab(any_house, session).lineage.link(first.id, third.id, "wasDerivedFrom")
    found = walk(any_house, SYSTEM, second.id, "upstream")
    assert {node.id: node.depth for node in found.nodes} == {second.id: 0, first.id: 1, third.id: 2}
    assert len(found.edges) == 3


def test_a_walk_that_is_cut_says_so(any_house: House) -> None:
    samples = chain(any_house, add_project(any_house, "P"), MAX_DEPTH + 2)
    whole, cut = (walk(any_house, SYSTEM, samples[last].id, "upstream") for last in (MAX_DEPTH, MAX_DEPTH + 1))
    assert (len(whole.nodes), whole.is_complete) == (MAX_DEPTH + 1, True)
    assert (len(cut.nodes), cut.is_complete) == (MAX_DEPTH + 1, False)


def test_things_of_other_projects_and_arrows_to_them_are_left_out(any_house: House) -> None:
    own, foreign = add_project(any_house, "OWN"), add_project(any_house, "FOREIGN")
    mine, theirs = chain(any_house, own, 1)[0], chain(any_house, foreign, 1)[0]
    with any_house.database.writing() as session:
        Lab(any_house, session).lineage.link(mine.id, theirs.id, "wasDerivedFrom")
    viewer = Actor(id="usr_x", kind="person", label="x", roles={own.id: "viewer"})
    found = walk(any_house, viewer, mine.id)
    assert ([node.id for node in found.nodes], found.edges) == ([mine.id], [])
    with pytest.raises(NotFound):
        walk(any_house, viewer, theirs.id)


@pytest.mark.parametrize("root", ["", "smp_x", "usr_01a1fd40dc657bf98fc37bfbbaad2ac7", "9" * 5000, "res_" + "0" * 32])
def test_what_is_not_there_is_not_found(any_house: House, root: str) -> None:
    with pytest.raises(NotFound):
        walk(any_house, SYSTEM, root)


def test_an_exposure_of_a_lamella_leads_back_through_its_custody_to_the_cell(
    people: Any, project: Project, sample: Sample
) -> None:
    who = people.make(role="contributor", project=project)
    body = {"project_id": project.id, "name": "lamella", "material": "nmc", "parent_id": sample.id}
    child = who.post("/api/v1/samples", json=body).json()["id"]
    instant = {"occurred_at": "2026-10-01T08:00:00Z"}

    def record(of: str, **event: Any) -> str:
        return str(who.post(f"/api/v1/samples/{of}/events", json={**instant, **event}).json()["id"])

    opening = record(sample.id, type="disassembly")
    split = record(sample.id, type="split", child_ids=[child])
    wrong = record(child, type="storage", atmosphere="air")
    right = record(child, type="storage", atmosphere="argon", supersedes_id=wrong)
    beam = {"mode": "stem_raster", "occurred_at": "2026-10-02T08:00:00Z"}
    exposure = who.post(f"/api/v1/samples/{child}/exposures", json=beam).json()["id"]
    graph = who.get(f"/api/v1/lineage/{exposure}", params={"direction": "upstream"}).json()
    depths = {node["id"]: node["depth"] for node in graph["nodes"]}
    assert depths == {exposure: 0, child: 1, sample.id: 2, split: 2, wrong: 2, right: 2, opening: 3}
    assert {node["id"] for node in graph["nodes"] if node["state"] == "superseded"} == {wrong}
    assert all(who.get(node["href"]).status_code == 200 for node in graph["nodes"])
    later = who.get(f"/api/v1/lineage/{opening}", params={"direction": "downstream"}).json()
    assert exposure in {node["id"] for node in later["nodes"]}


def test_the_walk_over_http_is_for_those_who_may_read(people: Any, sample: Sample, project: Project) -> None:
    viewer = people.make(role="viewer", project=project)
    url = f"/api/v1/lineage/{sample.id}"
    assert (viewer.get(url).status_code, people.make().get(url).status_code) == (200, 404)
    assert viewer.get(url, params={"direction": "sideways"}).status_code == 422
