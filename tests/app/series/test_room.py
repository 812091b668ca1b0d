"""A project whose quota is full keeps its series waiting: they say so, an alarm is raised, and they go on with room."""

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

from app.infra.db.models import Project, Sample
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.alarms.sweeping import raise_alarms
from app.lab.composition import Lab
from app.lab.series.room import stack_bytes
from app.lab.series.sweeping import call_back, sweep
from lithoscope.wording import size
from tests.app.series.growing import add, assemblies, begun, close, seen, stacked, tilt
from tests.conftest import Person

HTML = {"Accept": "text/html"}


def waits(series: dict[str, Any]) -> bool:
    """Say whether a series says that it waits for room."""
    return bool(series["problem"]) and series["problem"]["type"] == "/problems/series-waits-for-room"


def test_without_room_nothing_is_stacked_and_the_series_says_so_until_there_is(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None], tmp_path: Path
) -> None:
    series = begun(analyst, sample, every=2)
    sent = [tilt(house, project, sample) for _ in range(3)]
    for number in (1, 2):
        add(analyst, series, sent[number - 1], number)
    needed_bytes = stack_bytes(sent[:2])
    leave(needed_bytes - 1)
    found = seen(house, analyst, series)
    assert (found["state"], waits(found), assemblies(house)) == ("open", True, [])
    assert f"its stack may take {size(needed_bytes)}, 1 byte more than is left" in found["problem"]["detail"]
    assert call_back(house) == 0
    assert seen(house, analyst, series)["version"] == found["version"]
    with house.database.writing() as session:  # whoever makes room
        Lab(house, session).datasets.delete(SYSTEM, sent[2].id, "room is needed")
    assert call_back(house) == 1
    assert seen(house, analyst, series)["problem"] is None
    stacked(house, tmp_path)
    assert [row.part_count for row in assemblies(house)] == [2]


def test_a_closed_series_waits_for_room_and_is_sealed_with_it(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None], tmp_path: Path
) -> None:
    series = begun(analyst, sample, every=9)
    part = tilt(house, project, sample)
    add(analyst, series, part, 1)
    leave(0)
    close(analyst, series, 1)
    found = seen(house, analyst, series)
    assert (found["state"], waits(found)) == ("closing", True)
    leave(stack_bytes([part]))
    assert call_back(house) == 1
    sweep(house)
    stacked(house, tmp_path)
    found = seen(house, analyst, series)
    assert (found["state"], found["problem"]) == ("sealed", None)


def test_one_alarm_tells_of_a_series_that_waits(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None]
) -> None:
    series = begun(analyst, sample)
    sent = [tilt(house, project, sample) for _ in range(2)]
    add(analyst, series, sent[0], 1)
    leave(0)
    seen(house, analyst, series)
    assert (raise_alarms(house, {}), raise_alarms(house, {})) == (1, 0)
    [alarm] = analyst.get("/api/v1/alarms?topic=series.waiting").json()["items"]
    assert (alarm["sample_id"], alarm["record"]["series_id"]) == (sample.id, series["id"])
    assert "quota" in alarm["message"]
    add(analyst, series, sent[1], 2)
    assert seen(house, analyst, series)["problem"]["needed_bytes"] == stack_bytes(sent)
    assert raise_alarms(house, {}) == 0  # it still waits


def test_pages_say_what_is_the_matter_with_each_series(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None]
) -> None:
    waiting, failed = begun(analyst, sample, name="waiting"), begun(analyst, sample, name="failed")
    add(analyst, waiting, tilt(house, project, sample), 1)
    add(analyst, failed, tilt(house, project, sample, state="rejected"), 1)
    close(analyst, failed, 1)
    leave(0)
    problems = [seen(house, analyst, each)["problem"] for each in (waiting, failed)]
    assert [each["title"] for each in problems] == [
        "Waits for room",
        "No part of the series can be used",
    ]
    listed = unescape(analyst.get("/series", headers=HTML).text)
    for problem in problems:
        assert listed.count(problem["title"]) == 1
    pages = [unescape(analyst.get(f"/series/{each['id']}", headers=HTML).text) for each in (waiting, failed)]
    assert [problem["detail"] in page for problem, page in zip(problems, pages, strict=True)] == [True, True]
    assert [f'href="/projects/{project.id}#quota"' in page for page in pages] == [True, False]


def test_the_page_of_a_project_counts_what_is_on_its_way(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None]
) -> None:
    part = tilt(house, project, sample)
    add(analyst, begun(analyst, sample), part, 1)
    leave(stack_bytes([part]))
    sweep(house)
    shown = analyst.get(f"/projects/{project.id}", headers=HTML).text
    assert f"{size(stack_bytes([part]))} of it on the way" in shown
