"""Named areas of a sample: how they are kept, and what beam each part of them took."""

from typing import Any

import pytest

from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.regions.schemas import NewRegion
from tests.app.dose.ledger import FIELD, record
from tests.conftest import add_project, add_sample

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]
LEFT = [[0, 0], [6, 0], [6, 10], [0, 10]]
RIGHT = [[4, 0], [20, 0], [20, 10], [4, 10]]


def create(who: Any, sample: Any, **change: Any) -> Any:
    return who.post(f"/api/v1/samples/{sample.id}/regions", json={"name": "edge", "polygon_um": SQUARE, **change})


def dose_of(who: Any, region: Any, **query: Any) -> Any:
    return who.get(f"/api/v1/regions/{region['id']}/dose", params=query).json()


def test_a_region_is_created_read_changed_and_retired(contributor: Any, sample: Any) -> None:
    made = create(contributor, sample, phases=["LiF"])
    assert (made.status_code, made.json()["area_um2"], made.json()["phases"]) == (201, 100.0, ["LiF"])
    url = made.headers["Location"]
    assert contributor.get(url).json() == made.json()
    smaller = {"polygon_um": LEFT, "note": "redrawn"}
    changed = contributor.patch(url, json=smaller, headers={"If-Match": made.headers["ETag"]})
    assert (changed.status_code, changed.json()["area_um2"], changed.json()["version"]) == (200, 60.0, 2)
    stale = contributor.patch(url, json=smaller, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    assert contributor.delete(url).status_code == 204
    listed = f"/api/v1/samples/{sample.id}/regions"
    assert contributor.get(listed).json()["items"] == []
    assert contributor.get(listed, params={"with_retired": True}).json()["items"][0]["retired_at"] is not None
    again = contributor.patch(url, json={"name": "x"}, headers={"If-Match": '"3"'})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/region-retired")


def test_names_tell_a_sample_s_regions_apart(contributor: Any, sample: Any) -> None:
    first, second = create(contributor, sample), create(contributor, sample)
    assert (second.status_code, second.json()["type"]) == (409, "/problems/region-name-taken")
    other = create(contributor, sample, name="core")
    clash = contributor.patch(
        other.headers["Location"], json={"name": "edge"}, headers={"If-Match": other.headers["ETag"]}
    )
    assert clash.status_code == 409
    contributor.delete(first.headers["Location"])
    assert create(contributor, sample).status_code == 201


@pytest.mark.parametrize("field", ["name", "polygon_um", "phases"])
def test_what_a_region_must_keep_is_not_emptied(contributor: Any, sample: Any, field: str) -> None:
    made = create(contributor, sample)
    refused = contributor.patch(
        made.headers["Location"], json={field: None}, headers={"If-Match": made.headers["ETag"]}
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/body/{field}")


@pytest.mark.parametrize("outline", [[[0, 0], [1, 1], [2, 2]], [[0, 0], [1, 1], [1, 0], [0, 1]], [[0, 0], [1, 1]]])
def test_an_outline_without_area_is_refused_and_nothing_is_kept(
    contributor: Any, sample: Any, outline: list[list[float]]
) -> None:
    refused = create(contributor, sample, polygon_um=outline)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/body/polygon_um"
    assert contributor.get(f"/api/v1/samples/{sample.id}/regions").json()["items"] == []


def test_dose_adds_up_where_fields_overlap(contributor: Any, sample: Any) -> None:
    region = create(contributor, sample).json()
    for place in (LEFT, RIGHT):
        record(contributor, sample.id, FIELD, field_um=place)
    account = dose_of(contributor, region)
    (energy,) = account["by_beam_energy"]
    assert (energy["beam_energy"]["value"], energy["peak"]["total"]["value"]) == (200.0, 400.0)
    assert energy["mean"]["total"]["value"] == pytest.approx(240.0)
    assert (energy["mean_placed"], energy["unplaced_ids"]) == (None, [])
    assert sorted(cell["area_um2"] for cell in account["cells"]) == pytest.approx([20.0, 40.0, 40.0])
    assert account["coverage"]["is_complete"] is False
    assert any("lower bound" in warning for warning in account["warnings"])


def test_an_exposure_on_a_region_covers_it_and_reaches_its_neighbour_only_by_overlap(
    contributor: Any, sample: Any
) -> None:
    whole, left = create(contributor, sample).json(), create(contributor, sample, name="left", polygon_um=LEFT).json()
    record(contributor, sample.id, FIELD, region_id=left["id"])
    assert dose_of(contributor, left)["by_beam_energy"][0]["mean"]["total"]["value"] == pytest.approx(200.0)
    assert dose_of(contributor, whole)["by_beam_energy"][0]["mean"]["total"]["value"] == pytest.approx(120.0)


def test_beam_energies_stay_apart_in_a_region(contributor: Any, sample: Any) -> None:
    region = create(contributor, sample).json()
    record(contributor, sample.id, FIELD, field_um=SQUARE)
    record(contributor, sample.id, FIELD, field_um=SQUARE, beam_energy_kV={"value": 2, "source": "user"})
    energies = dose_of(contributor, region)["by_beam_energy"]
    assert [(each["beam_energy"]["value"], each["mean"]["total"]["value"]) for each in energies] == [
        (200.0, 200.0),
        (2.0, 200.0),
    ]


def test_an_exposure_nobody_placed_counts_everywhere_and_leaves_an_interval(contributor: Any, sample: Any) -> None:
    region = create(contributor, sample).json()
    record(contributor, sample.id, FIELD, field_um=LEFT)
    unplaced = record(contributor, sample.id, FIELD).json()
    account = dose_of(contributor, region)
    (energy,) = account["by_beam_energy"]
    assert energy["unplaced_ids"] == [unplaced["id"]]
    assert energy["mean_placed"]["total"]["value"] == pytest.approx(120.0)
    assert energy["mean"]["total"]["value"] == pytest.approx(320.0)
    assert any("without place" in warning for warning in account["warnings"])


def test_gray_of_a_region_are_of_the_phase_asked_for(contributor: Any, sample: Any) -> None:
    region = create(contributor, sample).json()
    record(contributor, sample.id, FIELD, field_um=LEFT)
    account = dose_of(contributor, region, phase="LiF")
    (energy,) = account["by_beam_energy"]
    assert (account["phase"], energy["absorbed_peak"]["unit"]) == ("LiF", "Gy")
    assert energy["absorbed_peak"]["value"] == pytest.approx(200 * 1.602e6 * 2.2617, rel=1e-3)
    assert energy["absorbed_mean"]["value"] == pytest.approx(0.6 * energy["absorbed_peak"]["value"])


def test_what_a_parent_took_has_no_place_on_its_child(contributor: Any, project: Any, sample: Any) -> None:
    record(contributor, sample.id, FIELD, field_um=[[50, 50], [60, 50], [60, 60]])
    body = {"project_id": project.id, "name": "lamella", "material": "nmc", "parent_id": sample.id}
    child = contributor.post("/api/v1/samples", json=body).json()
    region = contributor.post(f"/api/v1/samples/{child['id']}/regions", json={"name": "a", "polygon_um": SQUARE}).json()
    (energy,) = dose_of(contributor, region)["by_beam_energy"]
    assert len(energy["unplaced_ids"]) == 1
    assert energy["mean"]["total"]["value"] == pytest.approx(200.0)


def test_the_dose_of_a_region_is_asked_for_a_moment(contributor: Any, sample: Any) -> None:
    region = create(contributor, sample).json()
    record(contributor, sample.id, FIELD, field_um=SQUARE)
    assert dose_of(contributor, region, at="2026-10-02T00:00:00Z")["by_beam_energy"] == []


def test_strangers_find_no_region_and_viewers_change_none(
    people: Any, contributor: Any, project: Any, sample: Any
) -> None:
    url = create(contributor, sample).headers["Location"]
    stranger, viewer = people.make(), people.make(role="viewer", project=project)
    assert {stranger.get(each).status_code for each in (url, f"{url}/dose")} == {404}
    assert viewer.get(url).status_code == 200
    assert viewer.delete(url).status_code == 403


def test_regions_and_their_legs_on_both_databases(any_house: House) -> None:
    sample = add_sample(any_house, add_project(any_house, "P"), "S-1")
    with any_house.database.writing() as session:
        regions = Lab(any_house, session).regions
        region_id = regions.create(SYSTEM, sample.id, NewRegion.model_validate({"name": "a", "polygon_um": SQUARE})).id
    with any_house.database.reading() as session:
        ((cell, legs),) = Lab(any_house, session).regions.beam(SYSTEM, region_id).shares
    assert (cell.area_um2, legs) == (100.0, ())
