"""A folder that is declared live: each finished tilt is a part of its series at once, and once, whatever happens."""

import time
from datetime import UTC, datetime

import pytest

from lithoscope.client.collector.growing import FOLLOW_S
from lithoscope.client.collector.telling import problems, series
from lithoscope.client.simulator.formats import Acquisition, mrc, tiff
from tests.rehearsals.collecting import CollectorProcess
from tests.rehearsals.time_of_the_world import TimeOfTheWorld

LIVE = """
[[rules]]
match = "{sample}/{run}/tilt_*.tif"
sample = "{sample}"
[rules.live]
every = 3
quiet_s = 10
close_after_s = 300
marker = "finished.txt"
"""


def tilt(number: int, tilt_deg: float = 0.0, run: str = "") -> bytes:
    """Return one image whose header tells its tilt."""
    shot = Acquisition(f"{run}{number}", datetime(2026, 11, 22, tzinfo=UTC), side_px=12, tilt_deg=tilt_deg)
    return tiff(shot)


@pytest.fixture
def scope(pc_at, sample):
    """Give the PC of a microscope that writes ``run 1`` of the sample."""
    pc = pc_at(LIVE, quiet_s=20)
    pc.tilts = lambda *numbers, run="run 1": [
        pc.write(f"{sample.code}/{run}/tilt_{number:03d}.tif", tilt(number, 3.0 * number, run)) for number in numbers
    ]
    pc.end = lambda run="run 1": pc.write(f"{sample.code}/{run}/finished.txt", b"")
    return pc


def the(client, sample):
    [found] = client.series(sample_id=sample.id)
    return found


def placed(found) -> dict[int, float]:
    return {part.number: part.tilt_deg for part in found.parts()}


def lose_journal(pc) -> None:
    pc.collector.close()
    pc.collectors.clear()
    for path in pc.journal.parent.glob(f"{pc.journal.name}*"):
        path.unlink()


def kinds(pc) -> dict[str, str]:
    """Return what is wrong; the clock is turned by hand here."""
    return {each["kind"]: each["words"] for each in problems(pc.collector.journal) if each["kind"] != "wrong-clock"}


def test_each_tilt_is_a_part_before_the_next_is_written_and_the_marker_closes_the_series(scope, sample, client):
    for number in (1, 2, 3):
        scope.tilts(number)
        scope.rounds(60)
        assert placed(the(client, sample)) == {each: 3.0 * each for each in range(1, number + 1)}
    found = the(client, sample)
    assert (found.state, found.name, found.instrument_id is not None) == ("open", f"{sample.code}/run 1", True)
    assert (found.kind, found.every) == ("tilt_series", 3)
    [row] = series(scope.collector.journal)
    assert (row["state"], row["added"], row["series_id"]) == ("open", 3, found.id)
    scope.end()
    scope.rounds(90)
    found.refresh()
    assert (found.state in {"closing", "sealed"}, found.expected) == (True, 3)


def test_killed_between_the_services_answer_and_the_journal_it_adds_nothing_twice(scope, sample, client):
    scope.tilts(1, 2)
    scope.rounds(60)
    found = the(client, sample)
    scope.collector.journal.write("UPDATE series SET series_id = NULL, state = 'waiting'")
    scope.collector.journal.write("UPDATE part SET state = 'waiting'")
    scope.restart()
    scope.tilts(3)
    scope.rounds(90)
    assert the(client, sample).id == found.id
    assert sorted(placed(found)) == [1, 2, 3]


def test_a_process_that_is_killed_again_and_again_adds_each_tilt_once(scope, sample, client, enrolled, tmp_path):
    world = TimeOfTheWorld(tmp_path / "time")
    world.set(time.time(), 0.0)
    collector = CollectorProcess(scope.config, tmp_path / "time", key=enrolled.key, log=tmp_path / "log")
    try:
        for number in range(1, 6):
            scope.tilts(number)
            for _ in range(3):
                collector.ask()
                time.sleep(0.02 * number)  # each time it is somewhere else in its round
                collector.kill() if number < 4 else collector.answer()
                world.set(world.true_s + 15, 0.0)
        for _ in range(8):
            collector.step()
            world.set(world.true_s + 15, 0.0)
    finally:
        collector.stop()
    found = the(client, sample)
    assert placed(found) == {number: 3.0 * number for number in range(1, 6)}
    assert len({part.dataset_id for part in found.parts()}) == 5
    assert len([each for each in client.datasets(sample_id=sample.id) if each.filename.startswith("tilt_")]) == 5


def test_after_a_lost_journal_the_series_is_found_by_its_name_and_content_and_goes_on(scope, sample, client):
    scope.tilts(1, 2, 3)
    scope.rounds(60)
    found = the(client, sample)
    lose_journal(scope)
    scope.tilts(4)
    scope.end()
    rounds = scope.rounds(180)
    assert sum(len(each.sent) for each in rounds) == 1
    assert the(client, sample).id == found.id
    assert sorted(placed(found)) == [1, 2, 3, 4]
    assert the(client, sample).expected == 4


def test_other_tilts_under_the_name_of_a_series_are_another_series(scope, sample, client):
    scope.tilts(1, 2)
    scope.rounds(60)
    lose_journal(scope)
    for number in (1, 2):
        scope.write(f"{sample.code}/run 1/tilt_{number:03d}.tif", tilt(number, 3.0, "again"))
    scope.rounds(90)
    names = [each.name for each in client.series(sample_id=sample.id)]
    assert names == [f"{sample.code}/run 1 (2)", f"{sample.code}/run 1"]


def test_a_tilt_whose_angle_nothing_tells_is_kept_said_and_added_when_it_is_told(pc_at, sample, client):
    pc = pc_at(LIVE.replace("tilt_*.tif", "tilt_*.mrc"), quiet_s=20)
    shot = Acquisition("x", datetime(2026, 11, 22, tzinfo=UTC), side_px=12)
    path = pc.write(f"{sample.code}/run 1/tilt_001.mrc", mrc(shot))
    pc.write(f"{sample.code}/run 1/finished.txt", b"")
    assert len(pc.sent(120)) == 1
    assert "tells no tilt" in kinds(pc)["no-tilt"]
    [row] = series(pc.collector.journal)
    assert (row["added"], row["state"]) == (0, "open")
    assert "waits for" in row["reason"]
    path.with_name("tilt_001.mrc.lithoscope.json").write_text('{"tilt_deg": -12.5}')
    pc.rounds(150)
    assert placed(the(client, sample)) == {1: -12.5}
    assert kinds(pc) == {}


def test_a_missing_number_keeps_the_series_open_until_it_comes(scope, sample, client):
    scope.tilts(1, 3)
    scope.end()
    scope.rounds(120)
    assert "number 2 never came" in kinds(scope)["parts-missing"]
    assert the(client, sample).state == "open"
    scope.tilts(2)
    scope.rounds(120)
    assert the(client, sample).expected == 3
    assert kinds(scope) == {}


def test_without_a_marker_quiet_closes_a_series_counted_from_nought(pc_at, sample, client):
    live = LIVE.replace('marker = "finished.txt"', "first_number = 0")
    pc = pc_at(live, quiet_s=20)
    for number in (0, 1):
        pc.write(f"{sample.code}/run 1/tilt_{number:03d}.tif", tilt(number, 3.0 * number))
    pc.rounds(240)
    assert the(client, sample).state == "open"
    pc.rounds(180)
    assert placed(the(client, sample)) == {1: 0.0, 2: 3.0}
    assert the(client, sample).expected == 2


def test_a_number_nought_in_a_series_counted_from_one_is_said(scope, sample, client):
    scope.tilts(0, 1)
    scope.rounds(60)
    assert "write first_number = 0" in kinds(scope)["no-number"]
    assert sorted(placed(the(client, sample))) == [1]


def test_a_tilt_that_changes_after_it_was_added_is_said_and_the_first_one_stays(scope, sample, client):
    scope.tilts(1, 2)
    scope.rounds(60)
    before = {part.number: part.dataset_id for part in the(client, sample).parts()}
    scope.write(f"{sample.code}/run 1/tilt_002.tif", tilt(2, 6.0, "changed"))
    assert len(scope.sent(90)) == 1
    assert "number-taken" in kinds(scope)
    assert {part.number: part.dataset_id for part in the(client, sample).parts()} == before
    scope.end()
    scope.rounds(90)
    assert the(client, sample).expected == 2


def test_a_tilt_that_comes_after_the_end_is_a_dataset_and_said(scope, sample, client):
    scope.tilts(1, 2)
    scope.end()
    scope.rounds(120)
    scope.tilts(3)
    assert len(scope.sent(90)) == 1
    assert "series-closed" in kinds(scope)
    assert sorted(placed(the(client, sample))) == [1, 2]


def test_a_series_that_a_person_closed_is_left_as_it_is(scope, sample, client):
    scope.tilts(1, 3)
    scope.end()
    scope.rounds(120)
    the(client, sample).close(parts=3)
    scope.rounds(int(2 * FOLLOW_S) + 30)
    assert "parts-missing" not in kinds(scope)
    assert series(scope.collector.journal)[0]["state"] == "closing"


def test_two_runs_of_one_sample_are_two_series(scope, sample, client):
    scope.tilts(1, 2)
    scope.tilts(1, 2, 3, run="run 2")
    scope.rounds(60)
    rows = [each.record for each in client.series(sample_id=sample.id)]
    sizes = {row["name"].rpartition("/")[2]: row["parts"]["total"] for row in rows}
    assert sizes == {"run 1": 2, "run 2": 3}


def test_an_action_the_key_may_not_name_is_said_and_the_series_grows_without_it(pc_at, sample, client, service):
    live = LIVE + 'method = "tomogram_sirt"\nparameters = { iterations = 2 }\n'
    device, person = pc_at(live, quiet_s=20), pc_at(live, quiet_s=20, key=service.token)
    for number, pc in enumerate((device, person), 1):
        pc.write(f"{sample.code}/run {number}/tilt_001.tif", tilt(1, 3.0, f"{number}"))
        pc.rounds(60)
    actions = {each.name[-1]: each.record["action"] for each in client.series(sample_id=sample.id)}
    assert actions["1"] is None
    assert (actions["2"]["method"], actions["2"]["parameters"]) == ("tomogram_sirt", {"iterations": 2})
    assert "choose on their pages" in kinds(device)["action-refused"]
    assert kinds(person) == {}


def test_a_rule_in_the_settings_says_what_every_series_of_a_device_runs(pc_at, sample, client, service):
    runs = {"method": "tomogram_sirt", "params": {"iterations": 2}}
    rule = client.rules.create("live", project_id=service.project_id, action=runs, is_enabled=True)
    pc = pc_at(LIVE + f'rule = "{rule.id}"\n', quiet_s=20)
    pc.write(f"{sample.code}/run 1/tilt_001.tif", tilt(1, 3.0, "1"))
    pc.rounds(60)
    client.rules.switch(client.rules.get(rule.id), on=False)
    assert kinds(pc) == {}
    pc.write(f"{sample.code}/run 2/tilt_001.tif", tilt(1, 3.0, "2"))
    pc.rounds(60)
    found = {each.name[-1]: each.record for each in client.series(sample_id=sample.id)}
    assert (found["1"]["rule_id"], found["1"]["rule_version"]) == (rule.id, 1)
    assert (found["1"]["action"]["method"], found["1"]["action"]["parameters"]) == ("tomogram_sirt", {"iterations": 2})
    assert (found["2"]["action"], found["2"]["parts"]["total"]) == (None, 1)
    assert "switch the rule on" in kinds(pc)["rule-refused"]
