"""A project whose quota is full keeps its series waiting: they say so, an alarm is raised, and they go on with room."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.infra.db.models import Project, Sample
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.alarms.sweeping import raise_alarms
from app.lab.composition import Lab
from app.lab.series.sweeping import call_back, sweep
from tests.app.series.growing import add, assemblies, begun, close, seen, stacked, tilt
from tests.conftest import Person

IMAGE_BYTES = 8 * 8 * 2


@pytest.fixture
def leave(house: House, project: Project) -> Callable[[int], None]:
    """Set the quota so that so many bytes are left."""

    def set_quota(left: int) -> None:
        with house.database.writing() as session:
            held = Lab(house, session).datasets.held_bytes(project.id)
            session.get_one(Project, project.id).quota_bytes = held + left

    return set_quota


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
    leave(2 * IMAGE_BYTES - 1)
    found = seen(house, analyst, series)
    assert (found["state"], waits(found), assemblies(house)) == ("open", True, [])
    assert (
        f"its parts take up to {2 * IMAGE_BYTES} bytes, and {2 * IMAGE_BYTES - 1} are left"
        in found["problem"]["detail"]
    )
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
    add(analyst, series, tilt(house, project, sample), 1)
    leave(0)
    close(analyst, series, 1)
    found = seen(house, analyst, series)
    assert (found["state"], waits(found)) == ("closing", True)
    leave(IMAGE_BYTES)
    assert call_back(house) == 1
    sweep(house)
    stacked(house, tmp_path)
    found = seen(house, analyst, series)
    assert (found["state"], found["problem"]) == ("sealed", None)


def test_one_alarm_tells_of_a_series_that_waits(
    house: House, project: Project, sample: Sample, analyst: Person, leave: Callable[[int], None]
) -> None:
    series = begun(analyst, sample)
    add(analyst, series, tilt(house, project, sample), 1)
    leave(0)
    seen(house, analyst, series)
    assert (raise_alarms(house, {}), raise_alarms(house, {})) == (1, 0)
    [alarm] = analyst.get("/api/v1/alarms?topic=series.waiting").json()["items"]
    assert (alarm["sample_id"], alarm["record"]["series_id"]) == (sample.id, series["id"])
    add(analyst, series, tilt(house, project, sample), 2)
    assert seen(house, analyst, series)["problem"]["needed_bytes"] == 2 * IMAGE_BYTES
    assert raise_alarms(house, {}) == 0  # it still waits
