"""The service hears what a PC does and cannot do; troubles of the line, the key and the clock are said and pass."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from lithoscope.client.cli import cli
from lithoscope.client.collector.describing import attributes_of
from lithoscope.client.collector.happenings import keep
from lithoscope.client.collector.link import NotNow
from lithoscope.client.collector.telling import problems
from lithoscope.client.connection import Connection
from tests.lithoscope.client.test_connection import scripted
from tests.servers import free_port

__all__ = ["scripted"]


def kinds(pc):
    return {each["kind"]: each for each in problems(pc.collector.journal)}


def instrument(enrolled):
    return enrolled.admin.get(f"/instruments/{enrolled.instrument_id}").json()


def test_the_first_heartbeat_comes_before_the_first_scan_and_names_queue_and_folders(pc, enrolled):
    pc.write("stray.msa", b"x")
    pc.collector.step()
    told = instrument(enrolled)["collector"]
    assert (told["folders"], told["queue"]["unmatched"]) == ([str(pc.folder)], 0)
    pc.clock.steady += 61
    pc.collector.step()
    told = instrument(enrolled)["collector"]
    assert told["queue"]["unmatched"] == 1
    [problem] = [each for each in told["problems"] if each["kind"] == "unmatched"]
    assert problem["example"] == "stray.msa"


def test_a_wrong_clock_is_measured_said_and_taken_out_of_the_times(pc, sample, client, enrolled):
    pc.rounds(15)
    before = pc.collector.true_time.offset_s()
    pc.clock.ahead_s += 420.0  # it jumps between two heartbeats
    assert pc.collector.true_time.offset_s() == pytest.approx(before + 420, abs=1)
    path = pc.write(f"{sample.code}/a.msa", b"#FORMAT\n#ENDOFDATA")
    [dataset_id] = pc.sent()
    said = client.dataset(dataset_id).attributes
    true_s = path.stat().st_mtime - said["clock_offset_s"]
    assert datetime.fromisoformat(said["modified_at"]).timestamp() == pytest.approx(true_s, abs=0.01)
    assert "wrong-clock" in kinds(pc)
    assert instrument(enrolled)["clock_offset_s"] == pytest.approx(pc.collector.true_time.offset_s(), abs=300)


def test_a_time_that_the_pc_gave_twice_says_both_moments(pc, sample):
    pc.write(f"{sample.code}/b.msa", b"#FORMAT\n#ENDOFDATA")
    pc.sent()
    unit = pc.unit(f"{sample.code}/b.msa")
    offset_s = unit["clock_offset_s"]
    said = json.loads(attributes_of(unit, pc.folder, [], possible_offsets_s=[offset_s, offset_s + 200.0]))
    taken, *others = (datetime.fromisoformat(each) for each in (said["modified_at"], *said["modified_at_or"]))
    assert [(taken - other).total_seconds() for other in others] == [200.0]
    assert "modified_at_or" not in json.loads(attributes_of(unit, pc.folder, [], possible_offsets_s=[offset_s]))


def test_an_event_typed_without_network_arrives_once_with_its_own_moment(pc_at, pc, sample):
    away = pc_at(url=f"http://127.0.0.1:{free_port()}")
    typed = datetime.now(UTC).isoformat()
    body = {"type": "storage", "occurred_at": typed, "place": "glovebox"}
    keep(away.collector.journal, sample.code, "events", body, clock=away.clock, offset_s=None)
    assert sum(each.events for each in away.rounds(300)) == 0
    body_row = away.collector.journal.row("SELECT body FROM happening")["body"]
    keep(pc.collector.journal, sample.code, "events", json.loads(body_row), clock=pc.clock, offset_s=None)
    sent = sum(each.events for each in pc.rounds(300))
    assert sent == 1, dict(pc.collector.journal.row("SELECT * FROM happening"))
    pc.collector.journal.write("UPDATE happening SET state = 'waiting', poll_at = 0")  # as after a kill before the note
    assert sum(each.events for each in pc.rounds(60)) == 1
    assert len(sample.events()) == 1


def test_an_event_the_service_refuses_is_told_with_its_field(pc, sample):
    body = {"type": "storage", "occurred_at": "2026-01-01T00:00:00+00:00", "no_such_field": 1}
    keep(pc.collector.journal, sample.code, "events", body, clock=pc.clock, offset_s=None)
    pc.rounds(15)
    row = pc.collector.journal.row("SELECT state, reason FROM happening")
    assert row["state"] == "failed"
    assert "no_such_field" in row["reason"]


def test_a_service_that_is_away_is_tried_less_and_less_and_said_once(pc_at):
    pc = pc_at(url=f"http://127.0.0.1:{free_port()}")
    pc.write("x/a.msa", b"#ENDOFDATA")
    waits = []
    for _ in range(600):
        pc.rounds(0.0, step_s=1.0)
        waits.append(pc.collector._link.waits_s)
    line = kinds(pc)["unreachable"]
    assert "does not answer" in line["words"]
    assert line["count"] == 1
    assert waits[0] < 2
    assert 30 <= max(waits) <= 120


def test_a_revoked_key_is_said_and_everything_waits_for_the_next_one(pc_at, sample, enrolled):
    pc = pc_at(key="lsk_key_0_gone")
    pc.write(f"{sample.code}/a.msa", b"#FORMAT revoked\n#ENDOFDATA")
    assert pc.sent(300) == []
    assert "enrol this PC again" in kinds(pc)["key-refused"]["words"]
    pc.restart(key=enrolled.key)
    assert len(pc.sent(300)) == 1
    assert "key-refused" not in kinds(pc)


def test_retry_after_is_obeyed_whatever_its_length(scripted, pc):
    busy = (503, {"Retry-After": "1800"}, b"{}")
    connection, _, _ = scripted(busy)
    link = type(pc.collector._link)(connection, pc.collector.journal, pc.clock)
    with pytest.raises(NotNow):
        link.request("GET", "/sample-codes")
    assert 1800 <= link.waits_s <= 1800 + 120


def test_an_older_service_hears_a_shorter_heartbeat_and_the_pc_says_so(scripted, pc):
    refused = (422, {"Content-Type": "application/json"}, b'{"type": "/problems/invalid", "status": 422}')
    heard = {"received_at": datetime.now(UTC).isoformat(), "clock_offset_s": 0.0, "warnings": []}
    taken = (201, {"Content-Type": "application/json"}, json.dumps(heard).encode())
    connection, _, script = scripted(refused, taken)
    pc.collector._heart._link = type(pc.collector._link)(connection, pc.collector.journal, pc.clock)
    assert pc.collector._heart.beat()
    assert len(script.seen) == 2
    assert "update the service" in kinds(pc)["other-version"]["words"]


def test_another_api_is_recognised(scripted, pc):
    connection, _, _ = scripted((404, {}, b"<html>no</html>"))
    link = type(pc.collector._link)(connection, pc.collector.journal, pc.clock)
    with pytest.raises(NotNow):
        link.request("GET", "/sample-codes")
    assert "update the older" in kinds(pc)["other-version"]["words"]


def run(*words):
    return CliRunner().invoke(cli, list(words))


def test_status_dry_run_replay_and_doctor_speak_json(pc, sample):
    config = ["--config", str(pc.config), "--json"]
    pc.write(f"{sample.code}/a.msa", b"#ENDOFDATA")
    pc.write("stray.msa", b"x")
    lines = [json.loads(line) for line in run("watch", "dry-run", *config).stdout.splitlines()]
    assert {line["file"]: line["outcome"] for line in lines} == {
        f"{sample.code}/a.msa": "send",
        "stray.msa": "unmatched",
    }
    assert lines[0]["project"] == sample.project_id or lines[1]["project"] == sample.project_id
    pc.write("LS-1999-1/b.msa", b"#ENDOFDATA")
    pc.rounds(200)
    told = json.loads(run("watch", "status", *config).stdout)
    assert (told["queue"]["held"], told["queue"]["unmatched"]) == (1, 1)
    assert json.loads(run("watch", "replay", *config).stdout)["datasets"] == 1
    [row] = json.loads(run("watch", "status", "stray", *config).stdout)
    assert row["reason"] == "no rule fits its path"
    found = {row["check"]: row["ok"] for row in json.loads(run("watch", "doctor", *config).stdout)}
    assert found | {"clock": True} == dict.fromkeys(
        ("settings", "folder", "journal", "service", "clock", "key", "samples"), True
    )


def test_an_event_added_at_the_pc_goes_at_once_when_it_can(pc, sample):
    at = datetime.now(UTC).isoformat()
    answer = run(
        "event", "add", sample.code, "storage", "--at", at, "-f", "place=shelf", "--config", str(pc.config), "--json"
    )
    assert json.loads(answer.stdout)["state"] == "sent", answer.output
    assert [each["place"] for each in sample.events()] == ["shelf"]
    assert "sent" in run("event", "list", "--config", str(pc.config)).stdout


def test_a_pc_enrols_itself_and_keeps_its_key_to_itself(pc, enrolled, tmp_path):
    key_file = tmp_path / "device.key"
    pc.config.write_text(f'key_file = "{key_file}"\n' + pc.config.read_text())
    admin = enrolled.admin
    leave = admin.post(f"/instruments/{enrolled.instrument_id}/enrolments", json={}).json()
    answer = run("watch", "enrol", leave["code"], "--config", str(pc.config), "--name", "PC 2")
    assert "is enrolled" in answer.output
    assert key_file.stat().st_mode & 0o077 == 0
    connection = Connection(pc.settings.address, key_file.read_text())
    assert connection.get("/me")["kind"] == "device"
    connection.close()


def test_a_file_whose_name_would_steer_a_terminal_is_told_in_escapes_and_silences_no_heartbeat(pc, enrolled):
    pc.write("\x1b[2J\u202egnp.msa", b"x")
    pc.collector.step()
    pc.clock.steady += 61
    pc.collector.step()
    [problem] = instrument(enrolled)["collector"]["problems"]
    assert (problem["kind"], problem["example"]) == ("bad-name", r"'\x1b[2J\u202egnp.msa'")
