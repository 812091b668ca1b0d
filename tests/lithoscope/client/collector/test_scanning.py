"""Known files cost a look, new ones are found in time, nothing out of the folder is touched."""

import os
import sqlite3

import pytest

from lithoscope.client.collector.journal import Journal, JournalProblem
from lithoscope.client.collector.tables import STEPS
from tests.lithoscope.client.collector.conftest import Clock

MANY = 3000


def states(collector):
    return {row["key"]: row["state"] for row in collector.journal.rows("SELECT key, state FROM unit")}


def test_a_restart_compares_known_files_and_reads_none(alone, tmp_path):
    folder = tmp_path / "data" / "day"
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number:05}.raw").write_bytes(b"x")
    clock = Clock()
    first = alone(clock)
    assert first.step().changed == MANY
    first.close()
    before = {each.name: each.stat().st_atime_ns for each in os.scandir(folder)}
    again = alone(clock)
    seen = again.step()
    assert (seen.scanned, seen.changed) == (MANY, 0)
    assert {each.name: each.stat().st_atime_ns for each in os.scandir(folder)} == before


def test_hot_folders_are_looked_into_often_and_cold_ones_seldom(alone, tmp_path):
    data, clock = tmp_path / "data", Clock()
    for name in ("old", "new"):
        (data / name).mkdir()
        (data / name / "a.raw").write_bytes(b"x")
    long_ago = clock.wall_s() - 30 * 86400
    for path in (data, data / "old", data / "old" / "a.raw"):
        os.utime(path, (long_ago, long_ago))
    os.utime(data / "new", (clock.wall_s(), clock.wall_s()))
    collector = alone(clock)
    collector.step()
    clock.steady += 60
    assert collector.step().scanned == 1  # the new folder's file; the old folder is cold
    assert set(states(collector).values()) == {"waiting"}
    (data / "old" / "a.raw").write_bytes(b"xyz")  # a folder's own time says nothing of a file that grew
    os.utime(data / "old", (long_ago, long_ago))
    clock.steady += 900
    assert collector.step().changed == 0
    clock.steady += 86400
    assert collector.step().changed == 1


def test_a_new_session_in_an_old_folder_is_found_with_the_warm_round(alone, tmp_path):
    data, clock = tmp_path / "data", Clock()
    (data / "2025").mkdir()
    long_ago = clock.wall_s() - 30 * 86400
    os.utime(data / "2025", (long_ago, long_ago))
    collector = alone(clock)
    collector.step()
    session = data / "2025" / "deep" / "session"
    session.mkdir(parents=True)
    (session / "a.raw").write_bytes(b"x")
    clock.steady += 600
    assert collector.step().changed == 1


def test_what_is_temporary_is_ignored_and_found_under_its_final_name(alone, tmp_path):
    clock = Clock()
    collector = alone(clock)
    part = tmp_path / "data" / "a.raw.part"
    part.write_bytes(b"x")
    collector.step()
    assert states(collector) == {"a.raw.part": "ignored"}
    part.rename(part.with_suffix(""))
    clock.steady += 15
    collector.step()
    assert states(collector)["a.raw"] == "growing"


def test_a_file_that_never_settles_is_told_after_an_hour(alone, tmp_path):
    clock = Clock()
    collector = alone(clock)
    (tmp_path / "data" / "a.dm3").write_bytes(b"\0\0\0\3\0\0\xff\xff")
    for _ in range(12):
        collector.step()
        clock.steady += 600
    row = collector.journal.row("SELECT state, problem, reason FROM unit")
    assert (row["state"], row["problem"]) == ("growing", "never-settles")
    assert "bytes are there" in row["reason"]


def test_a_locked_file_waits_until_it_is_let_go(alone, tmp_path):
    fcntl = pytest.importorskip("fcntl")
    clock = Clock()
    collector = alone(clock)
    path = tmp_path / "data" / "a.raw"
    path.write_bytes(b"x")
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for _ in range(8):
            collector.step()
            clock.steady += 15
        assert "held by another program" in collector.journal.row("SELECT reason FROM unit")["reason"]
    clock.steady += 600
    collector.step()
    assert states(collector) == {"a.raw": "waiting"}


def test_with_a_marker_a_file_is_settled_by_it_alone(alone, tmp_path):
    clock = Clock()
    collector = alone(clock, marker="{name}.done")
    path = tmp_path / "data" / "a.raw"
    path.write_bytes(b"x")
    for _ in range(10):
        collector.step()
        clock.steady += 60
    assert states(collector) == {"a.raw": "growing"}
    path.with_name("a.raw.done").write_bytes(b"")
    clock.steady += 15
    collector.step()
    assert states(collector)["a.raw"] == "waiting"


def test_two_collectors_of_one_journal_are_refused(alone):
    alone(Clock())
    with pytest.raises(JournalProblem, match="another"):
        alone(Clock())


def test_a_journal_of_a_newer_version_and_one_that_is_none_are_refused_in_words(tmp_path):
    newer = tmp_path / "newer.journal"
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalProblem, match="newer lithoscope"):
        Journal(newer)
    broken = tmp_path / "broken.journal"
    broken.write_bytes(b"no database" * 100)
    with pytest.raises(JournalProblem, match="cannot be opened"):
        Journal(broken)


def test_a_disk_without_room_changes_nothing_and_is_told(alone, tmp_path):
    clock = Clock()
    collector = alone(clock)
    collector.step()
    pages = collector.journal.connection.execute("PRAGMA page_count").fetchone()[0]
    collector.journal.connection.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(400):
        (tmp_path / "data" / f"{number:04}{'long' * 40}.raw").write_bytes(b"x")
    clock.steady += 15
    assert any("make room" in words for words in collector.step().problems)
    collector.journal.connection.execute("PRAGMA max_page_count = 1000000")
    clock.steady += 15
    assert collector.step().changed == 400


def test_a_journal_of_each_version_before_is_brought_to_this_one(tmp_path):
    for version in range(1, len(STEPS)):
        path = tmp_path / f"{version}.journal"
        with sqlite3.connect(path) as connection:
            connection.executescript(f"{''.join(STEPS[:version])};PRAGMA user_version = {version};")
        connection.close()
        journal = Journal(path)
        assert {"looked_s", "seen_s"} <= {row[1] for row in journal.connection.execute("PRAGMA table_info(unit)")}
        journal.close()
