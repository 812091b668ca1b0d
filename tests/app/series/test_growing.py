"""A series is stacked and refreshed as it grows: each step once, by whoever looks first, in its maker's name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.infra.db.models import Dataset, Job, LineageEdge, Membership, Project, Sample
from app.infra.house import House
from app.infra.queue import Leases
from app.lab.access import SYSTEM
from app.lab.composition import Lab
from app.lab.series.repository import SeriesRepository
from app.lab.series.schemas import NewPart
from app.lab.series.sweeping import sweep
from tests.app.series.growing import (
    ACTION,
    SERIES,
    add,
    assemblies,
    begun,
    close,
    computed,
    read,
    refreshes,
    seen,
    stacked,
    tilt,
)
from tests.conftest import Person


@pytest.fixture
def feed(house: House, project: Project, sample: Sample) -> Callable[..., list[Dataset]]:
    """Send parts of these numbers, all readable, and let a sweeper look."""

    def send(person: Person, series: dict[str, Any], *numbers: int) -> list[Dataset]:
        sent = [tilt(house, project, sample) for _ in numbers]
        for number, dataset in zip(numbers, sent, strict=True):
            assert add(person, series, dataset, number).status_code == 201
        sweep(house)
        return sent

    return send


def test_every_so_many_parts_in_order_make_one_assembly_sorted_by_angle(analyst, house, sample, feed, tmp_path):
    series = begun(analyst, sample, every=2)
    feed(analyst, series, 1)
    assert assemblies(house) == []
    feed(analyst, series, 3, 4)  # 2 is missing
    assert assemblies(house) == []
    feed(analyst, series, 2)
    (row,) = assemblies(house)
    assert (row.part_count, seen(house, analyst, series)["newest_assembly"]["numbers"]) == (4, [1, 2, 3, 4])
    feed(analyst, series, 5, 6)
    assert len(assemblies(house)) == 1  # one is under way
    stacked(house, tmp_path)
    assert [row.part_count for row in assemblies(house)] == [4, 6]


def test_a_stacked_dataset_is_derived_from_its_parts_and_listed_when_sealed(analyst, house, sample, feed, tmp_path):
    series = begun(analyst, sample, every=3)
    sent = feed(analyst, series, 1, 2, 3)
    stacked(house, tmp_path)
    (row,) = assemblies(house)
    dataset = analyst.get(f"/api/v1/datasets/{row.dataset_id}").json()
    assert dataset["attributes"]["series"]["is_sealed"] is False
    with house.database.reading() as session:
        edges = session.query(LineageEdge).filter_by(source_id=row.dataset_id, relation="wasDerivedFrom")
        assert {edge.target_id for edge in edges} == {sample.id, *(part.id for part in sent)}
    assert row.dataset_id not in _listed(analyst)
    close(analyst, series, 3)
    found = seen(house, analyst, series)
    assert (found["state"], found["sealed_dataset_id"]) == ("sealed", row.dataset_id)
    assert row.dataset_id in _listed(analyst)
    assert len(assemblies(house)) == 1  # the same parts are stacked once


def _listed(person: Person) -> list[str]:
    return [each["id"] for each in person.get("/api/v1/datasets").json()["items"]]


def test_a_refresh_goes_on_from_the_newest_volume_and_the_last_from_nothing(
    analyst: Person, house: House, project: Project, sample: Sample, feed: Any, tmp_path: Path
) -> None:
    series = begun(analyst, sample, every=1, action=ACTION)
    feed(analyst, series, 1)
    stacked(house, tmp_path)
    (first,) = refreshes(house)
    assert "start" not in first.inputs
    assert (first.priority, first.created_by) == (-10, analyst.user.id)
    assert first.started_by is not None
    assert (first.started_by["series_id"], first.started_by["matched"]) == (series["id"], "1 parts so far")
    volume = computed(house, first, project, sample, tmp_path)
    feed(analyst, series, 2)
    stacked(house, tmp_path)
    second = refreshes(house)[-1]
    assert second.inputs["start"] == f"{volume}/volume"
    assert second.fingerprint != first.fingerprint
    computed(house, second, project, sample, tmp_path)
    close(analyst, series, 2)
    found = seen(house, analyst, series)
    assert found["newest_refresh"]["start"] is None
    assert "start" not in refreshes(house)[-1].inputs
    assert len(refreshes(house)) == 3


def test_a_refresh_that_waits_is_cancelled_when_the_next_is_made(analyst, house, sample, feed, tmp_path):
    series = begun(analyst, sample, every=1, action=ACTION)
    for number in (1, 2):
        feed(analyst, series, number)
        stacked(house, tmp_path)
    assert [job.state for job in refreshes(house)] == ["cancelled", "queued"]


def test_a_refresh_that_runs_is_asked_to_finish_early_and_waited_for(
    analyst: Person, house: House, sample: Sample, feed: Any, tmp_path: Path
) -> None:
    series = begun(analyst, sample, every=1, action=ACTION)
    feed(analyst, series, 1)
    stacked(house, tmp_path)
    with house.database.writing() as session:
        claim = Leases(session).claim(["cpu-long"], worker="w", lease_s=60)
    assert claim is not None
    feed(analyst, series, 2)
    stacked(house, tmp_path)
    (running,) = refreshes(house)
    assert (running.state, running.early_finish_requested) == ("running", True)
    assert seen(house, analyst, series)["newest_assembly"]["outcome"] == ""
    with house.database.writing() as session:  # its worker fails
        Leases(session).fail(claim, {"type": "/problems/x", "title": "x"})
        Lab(house, session).ended(claim.job_id)
    sweep(house)
    assert [job.state for job in refreshes(house)] == ["failed", "queued"]


def test_an_action_lasts_as_long_as_the_rights_of_who_named_it(analyst, house, sample, feed, tmp_path):
    series = begun(analyst, sample, every=1, action=ACTION)
    with house.database.writing() as session:
        session.execute(update(Membership).where(Membership.user_id == analyst.user.id).values(role="viewer"))
    sent = _by_system(house, series, sample)
    stacked(house, tmp_path)
    (row,) = assemblies(house)
    assert (len(sent), row.outcome, refreshes(house)) == (1, "refused", [])
    assert "may no longer start jobs" in row.reason


def _by_system(house: House, series: dict[str, Any], sample: Sample) -> list[Dataset]:
    part = tilt(house, sample.project_id, sample)
    with house.database.writing() as session:
        new = NewPart(dataset_id=part.id, number=1, tilt_deg=0.0)
        Lab(house, session).series.add_part(SYSTEM, series["id"], new)
    sweep(house)
    return [part]


def test_two_sweepers_and_a_killed_one_stack_once(analyst, house, sample, feed):
    series = begun(analyst, sample, every=1)
    part = tilt(house, sample.project_id, sample)
    add(analyst, series, part, 1)
    with house.database.open(writes=True) as session:  # killed before its transaction ended
        assert Lab(house, session).series_engine.look_at(series["id"])
    assert assemblies(house) == []
    for _ in range(2):
        sweep(house)
    with house.database.writing() as session:
        SeriesRepository(session).note([series["id"]])
    sweep(house)
    assert len(assemblies(house)) == 1
    with house.database.reading() as session:
        assert session.query(Job).filter_by(kind="assembly").count() == 1


def test_a_series_that_could_not_be_stacked_is_closed_again_and_tried_again(analyst, house, sample, feed, tmp_path):
    series = begun(analyst, sample, every=5)
    feed(analyst, series, 1, 2)
    close(analyst, series, 2)
    sweep(house)
    with house.database.writing() as session:
        claim = Leases(session).claim(["io"], worker="w", lease_s=60)
        assert claim is not None
        Leases(session).fail(claim, {"type": "/problems/disk-full", "title": "x", "detail": "The disk is full."})
        Lab(house, session).ended(claim.job_id)
    found = seen(house, analyst, series)
    assert found["state"] == "failed"
    assert "The disk is full. Close the series again" in found["problem"]["detail"]
    assert close(analyst, series, 2).json()["state"] == "closing"
    sweep(house)
    stacked(house, tmp_path)
    assert seen(house, analyst, series)["state"] == "sealed"
    assert len(assemblies(house)) == 1


def test_a_series_is_closed_before_its_last_part_can_be_read(analyst, house, project, sample, feed, tmp_path):
    series = begun(analyst, sample, every=9)
    feed(analyst, series, 1, 2)
    late = tilt(house, project, sample, state="verified")
    add(analyst, series, late, 3)
    close(analyst, series, 3)
    assert seen(house, analyst, series)["state"] == "closing"
    read(house, late)
    sweep(house)
    stacked(house, tmp_path)
    found = seen(house, analyst, series)
    assert (found["state"], found["newest_assembly"]["numbers"]) == ("sealed", [1, 2, 3])
    assert analyst.get(f"{SERIES}/{series['id']}").json()["missing"] == []


def test_what_is_left_out_is_named_in_the_sealed_dataset(analyst, house, project, sample, feed, tmp_path):
    series = begun(analyst, sample, every=9)
    feed(analyst, series, 1)
    add(analyst, series, tilt(house, project, sample, differs={"dtype": "float32"}), 2)
    feed(analyst, series, 3)
    close(analyst, series, 3)
    sweep(house)
    stacked(house, tmp_path)
    found = seen(house, analyst, series)
    assert found["newest_assembly"]["left_out"] == [2]
    dataset = analyst.get(f"/api/v1/datasets/{found['sealed_dataset_id']}").json()
    assert "part 2 is not in it: its type is float32" in dataset["warnings"][0]


def test_what_was_stacked_and_deleted_is_stacked_anew_for_the_sealing(analyst, house, sample, feed, tmp_path):
    series = begun(analyst, sample, every=2)
    feed(analyst, series, 1, 2)
    stacked(house, tmp_path)
    with house.database.writing() as session:
        Lab(house, session).datasets.delete(SYSTEM, assemblies(house)[0].dataset_id or "", "room is needed")
    close(analyst, series, 2)
    sweep(house)
    stacked(house, tmp_path)
    found = seen(house, analyst, series)
    assert found["state"] == "sealed"
    assert analyst.get(f"/api/v1/datasets/{found['sealed_dataset_id']}").json()["state"] == "readable"


def test_fewer_parts_that_are_stacked_anew_are_waited_for(analyst, house, sample, feed, tmp_path):
    series = begun(analyst, sample, every=1)
    feed(analyst, series, 1)
    stacked(house, tmp_path)
    (second,) = feed(analyst, series, 2)
    stacked(house, tmp_path)
    with house.database.writing() as session:
        Lab(house, session).datasets.delete(SYSTEM, assemblies(house)[1].dataset_id or "", "room is needed")
        Lab(house, session).datasets.delete(SYSTEM, second.id, "it was of another grid")
    assert close(analyst, series, 2).status_code == 200
    for _ in range(2):  # the older of the two assemblies is stacked anew, whoever looks meanwhile
        with house.database.writing() as session:
            SeriesRepository(session).note([series["id"]])
        found = seen(house, analyst, series)
        assert (found["state"], found["problem"]) == ("closing", None)
    stacked(house, tmp_path)
    found = seen(house, analyst, series)
    assert found["state"] == "sealed"
    assert analyst.get(f"/api/v1/datasets/{found['sealed_dataset_id']}").json()["state"] == "readable"
