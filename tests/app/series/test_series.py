"""Series that grow, over HTTP: each part once, whoever sends it and however often."""

from typing import Any

import pytest

from app.infra.db.models import Dataset, Project, Sample
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from tests.app.series.growing import ACTION, SERIES, add, begun, close, read, seen, tilt
from tests.conftest import add_device


@pytest.fixture
def tilts(house: House, project: Project, sample: Sample) -> list[Dataset]:
    return [tilt(house, project, sample) for _ in range(3)]


def test_a_series_says_how_many_parts_it_has_in_which_state(contributor, house, project, sample, tilts):
    series = begun(contributor, sample)
    late = tilt(house, project, sample, state="verified")
    odd = tilt(house, project, sample, differs={"shape": [4, 8]})
    for number, dataset in enumerate((*tilts, late, odd), 1):
        assert add(contributor, series, dataset, number).status_code == 201
    found = seen(house, contributor, series)
    assert found["parts"] == {"total": 5, "waiting": 1, "readable": 3, "refused": 1, "deleted": 0}
    parts = contributor.get(f"{SERIES}/{series['id']}/parts").json()["items"]
    assert [part["number"] for part in parts] == [5, 4, 3, 2, 1]
    assert "its size is 4 x 8, that of part 1 is 8 x 8" in parts[0]["reason"]
    assert (parts[4]["tilt_deg"], parts[4]["z_nm"], parts[4]["state"]) == (10.0, None, "readable")


def test_a_repeated_part_is_the_same_part(contributor, sample, tilts):
    series = begun(contributor, sample)
    first = add(contributor, series, tilts[0], 1)
    again = add(contributor, series, tilts[0], 1)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("number", "which", "more", "status", "code"),
    [
        (1, 1, {}, 409, "number-taken"),
        (2, 0, {}, 409, "part-elsewhere"),
        (1, 0, {"tilt_deg": 11.0}, 409, "part-elsewhere"),
        (2, 1, {"z_nm": 5.0}, 422, "invalid-input"),
    ],
)
def test_a_part_that_contradicts_another_is_refused(contributor, sample, tilts, number, which, more, status, code):
    series = begun(contributor, sample)
    add(contributor, series, tilts[0], 1)
    answer = add(contributor, series, tilts[which], number, **more)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")


def test_a_refused_part_gives_its_number_to_a_better_one(contributor, house, project, sample, tilts):
    series = begun(contributor, sample)
    add(contributor, series, tilts[0], 1)
    odd = tilt(house, project, sample, differs={"dtype": "float32"})
    add(contributor, series, odd, 2)
    assert seen(house, contributor, series)["parts"]["refused"] == 1
    assert add(contributor, series, tilts[1], 2).status_code == 201
    assert seen(house, contributor, series)["parts"] == {
        "total": 2, "waiting": 0, "readable": 2, "refused": 0, "deleted": 0
    }  # fmt: skip


def test_a_deleted_part_is_told_and_can_be_sent_anew(contributor, house, sample, tilts):
    series = begun(contributor, sample)
    for number, dataset in enumerate(tilts, 1):
        add(contributor, series, dataset, number)
    with house.database.writing() as session:
        Lab(house, session).datasets.delete(SYSTEM, tilts[1].id, "wrong file")
    found = seen(house, contributor, series)
    assert (found["parts"]["deleted"], found["state"]) == (1, "open")


def test_a_series_is_closed_once_with_as_many_parts_as_it_has_or_more(contributor, sample, tilts):
    series = begun(contributor, sample)
    add(contributor, series, tilts[0], 3)
    assert close(contributor, series, 2).json()["type"] == "/problems/closed-otherwise"
    closed = close(contributor, series, 4)
    assert (closed.status_code, closed.json()["state"], closed.json()["missing"]) == (200, "closing", [1, 2, 4])
    assert close(contributor, series, 4).json()["closed_at"] == closed.json()["closed_at"]
    assert close(contributor, series, 5).status_code == 409
    assert add(contributor, series, tilts[1], 5).json()["type"] == "/problems/series-closed"
    assert add(contributor, series, tilts[1], 4).status_code == 201


def test_a_series_without_any_part_that_can_be_used_fails_and_says_so(contributor, house, project, sample):
    series = begun(contributor, sample)
    lost = tilt(house, project, sample, state="verified")
    add(contributor, series, lost, 1)
    close(contributor, series, 1)
    with house.database.writing() as session:
        Lab(house, session).datasets.mark_rejected(lost.id, {"type": "/problems/truncated-file", "title": "x"})
    found = seen(house, contributor, series)
    assert (found["state"], found["problem"]["type"]) == ("failed", "/problems/series-empty")


def test_an_instrument_feeds_its_own_series_with_its_own_files(client, house, project, sample, people):
    device, other = add_device(house, client, [project]), add_device(house, client, [project])
    series = begun(device, sample)
    assert series["instrument_id"] == device.instrument.id
    own, strange = (tilt(house, project, sample, instrument_id=each.instrument.id) for each in (device, other))
    assert add(device, series, own, 1).status_code == 201
    assert add(device, series, strange, 2).status_code == 422
    assert [row["id"] for row in device.get(SERIES).json()["items"]] == [series["id"]]
    assert device.get(f"{SERIES}/{series['id']}/parts").json()["items"][0]["dataset_id"] == own.id
    assert other.get(SERIES).json()["items"] == []
    assert other.get(f"{SERIES}/{series['id']}").status_code == 404
    assert close(device, series, 1).status_code == 200
    body = {"project_id": project.id, "sample_id": sample.id, "name": "x", "kind": "tilt_series", "action": ACTION}
    assert device.post(SERIES, json=body).status_code == 403


def test_who_may_not_start_jobs_names_no_action(contributor, analyst, sample):
    body: dict[str, Any] = {"project_id": sample.project_id, "sample_id": sample.id, "name": "x", "kind": "tilt_series"}
    assert contributor.post(SERIES, json={**body, "action": ACTION}).status_code == 403
    series = begun(contributor, sample)
    assert contributor.client.put(f"{SERIES}/{series['id']}/action", json=ACTION).status_code == 403
    set_ = analyst.client.put(f"{SERIES}/{series['id']}/action", json=ACTION)
    assert (set_.json()["action"]["method"], set_.json()["acts_for"]) == ("tomogram_sirt", analyst.user.id)
    dropped = analyst.client.delete(f"{SERIES}/{series['id']}/action").json()
    assert (dropped["action"], dropped["acts_for"]) == (None, None)


def test_the_dose_so_far_is_unknown_as_long_as_one_part_is_silent(contributor, house, project, sample, tilts):
    series = begun(contributor, sample)
    assert "no part" in series["dose"]["total"]["note"]
    for number, dataset in enumerate(tilts, 1):
        add(contributor, series, dataset, number)
    found = seen(house, contributor, series)["dose"]
    assert (found["total"]["value"], found["total"]["source"], found["silent"]) == (None, "unknown", [1, 2, 3])


def test_parts_that_say_what_the_beam_did_are_exposures_and_their_sum_has_a_source(contributor, house, project, sample):
    series = begun(contributor, sample)
    header = {
        name: {"value": value, "unit": unit, "source": "header", "uncertainty": None, "interval": None, "note": "x"}
        for name, value, unit in (
            ("beam_energy_kV", 300.0, "kV"), ("beam_current_nA", 0.3, "nA"), ("dwell_s", 0.05, "s"),
            ("pixel_size_nm", 4.63, "nm"),
        )
    }  # fmt: skip
    for number in (1, 2):
        part = tilt(
            house, project, sample, state="verified", quantities=header, acquired_at=f"2026-05-04T10:0{number}:00+00:00"
        )
        add(contributor, series, part, number)
        read(house, part)
    found = seen(house, contributor, series)["dose"]
    assert found["total"]["value"] == pytest.approx(2 * 4.367e4, rel=1e-3)
    assert (found["total"]["unit"], found["total"]["source"], found["silent"]) == ("e/A^2", "header", [])
    again = seen(house, contributor, series)["dose"]
    assert again["total"]["value"] == found["total"]["value"]
    assert len(contributor.get(f"/api/v1/samples/{sample.id}/exposures").json()["items"]) == 2
