"""What a rehearsal leaves behind: every fault as often as asked, and a ledger that says what is on the disk."""

import fcntl
import hashlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from lithoscope.client.simulator import FAULTS, BadScenario, Ledger, Microscope, Scenario
from lithoscope.client.simulator.scenario import OF_THE_PC

EVERYTHING = Scenario(
    files=60, span_s=86400.0, sessions=3, faults=dict.fromkeys(FAULTS, 2), groups=6, quiet_s=60.0, seed=7
)


def test_every_fault_happens_as_often_as_asked(rehearsal):
    told = rehearsal.run(EVERYTHING)
    paths = {(entry.fault, entry.path) for entry in rehearsal.entries if entry.fault}
    twice = {"renamed", "copied", "second_sample", "restart"}  # two names each
    assert Counter(fault for fault, _ in paths) == {name: 4 if name in twice else 2 for name in set(FAULTS) - OF_THE_PC}
    assert sum(line.startswith("clock_jump: set the clock") for line in told) == 2
    assert sum(line == "share_gone: the share is gone" for line in told) == 2
    assert sum(line == "share_gone: the share is back" for line in told) == 2


def test_the_ledger_says_what_lies_on_the_disk(rehearsal):
    rehearsal.run(EVERYTHING)
    last = {entry.path: entry for entry in rehearsal.entries if entry.sha256}
    for path, entry in last.items():
        place = rehearsal.share / path
        if entry.fault == "renamed" and not place.exists():
            continue
        assert hashlib.sha256(place.read_bytes()).hexdigest() == entry.sha256, path
        assert place.stat().st_size == entry.size
        assert place.stat().st_mtime == pytest.approx(entry.pc_s, abs=1e-3)


def test_no_two_acquisitions_have_the_same_bytes(rehearsal):
    rehearsal.run(EVERYTHING)
    names = {}
    for entry in rehearsal.entries:
        if entry.fault not in {"copied", "second_sample", "renamed"} and entry.sha256:
            assert names.setdefault(entry.sha256, entry.path) == entry.path


def test_the_clock_of_the_pc_is_off_by_what_the_ledger_says(rehearsal):
    rehearsal.run(Scenario(files=200, span_s=86400.0, faults={"clock_jump": 5}, seed=3))
    errors = {round(entry.pc_s - entry.true_s) for entry in rehearsal.entries}
    assert len(errors) == 6
    assert all(abs(error) <= 900 for error in errors)


def test_bursts_pause_longer_than_the_quiet_time(rehearsal):
    moments = []

    def look(_microscope):
        moments.append(rehearsal.now_s)

    rehearsal.run(Scenario(files=1, faults={"slow": 1}, quiet_s=60.0), look)
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert len(pauses) == 3
    assert min(pauses) > 60.0


def test_a_locked_file_is_locked_for_others(rehearsal):
    refused = []

    def look(_microscope):
        for path in rehearsal.share.rglob("*.*"):
            with path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    refused.append(False)
                except BlockingIOError:
                    refused.append(True)

    rehearsal.run(Scenario(files=1, faults={"locked": 1}), look)
    assert refused == [True, False]


def test_writers_wait_while_the_share_is_gone(rehearsal):
    gone = []

    def look(microscope):
        gone.append((microscope.pc.is_away, rehearsal.share.exists()))

    rehearsal.run(Scenario(files=40, span_s=1200.0, faults={"share_gone": 3}, seed=2), look)
    assert {(False, True), (True, False)} == set(gone)
    assert len(rehearsal.entries) == 40
    assert [path.name for path in rehearsal.folder.iterdir() if "gone" in path.name] == []


def test_long_names_have_more_than_300_characters_and_fit_a_file_system(rehearsal):
    rehearsal.run(Scenario(files=20, faults={"long_name": 20}))
    assert all(len(entry.path) > 300 and len(entry.name.encode()) <= 255 for entry in rehearsal.entries)


def test_the_same_seed_plays_the_same(tmp_path: Path, rehearsal):
    first = rehearsal.run(EVERYTHING)
    again = type(rehearsal)(tmp_path / "again")
    again.folder.mkdir()
    assert again.run(EVERYTHING) == first


def test_templates_are_written_instead_of_own_files(rehearsal):
    template = Path(__file__).parents[3] / "data" / "NMC_Co_edge_bgsub.msa"
    rehearsal.run(Scenario(files=5), templates=[template])
    assert {entry.kind for entry in rehearsal.entries} == {"template"}
    assert len({entry.sha256 for entry in rehearsal.entries}) == 5


def test_stopping_lets_go_of_locks_and_brings_the_share_back(tmp_path: Path):
    now = [0.0]
    ledger = Ledger(tmp_path / "ledger")
    microscope = Microscope(tmp_path / "share", ledger, Scenario(faults={"share_gone": 1}), now_s=lambda: now[0])
    while not microscope.pc.is_away:
        now[0] = microscope.next_s or 0.0
        microscope.advance()
    microscope.stop()
    ledger.close()
    assert (tmp_path / "share").exists()
    assert microscope.next_s is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"faults": {"flood": 1}}, "flood is none of"),
        ({"files": 1, "faults": {"empty": 2}}, "too few"),
        ({"samples": ("one",), "faults": {"second_sample": 1}}, "needs two"),
        ({"span_s": -1.0}, "below zero"),
    ],
)
def test_impossible_scenarios_name_the_field(given, words):
    with pytest.raises(BadScenario, match=words):
        Scenario(**given)


def test_a_scenario_is_read_from_toml(tmp_path: Path):
    path = tmp_path / "month.toml"
    path.write_text('files = 9\nspan_s = 60.0\nsamples = ["a", "b"]\n[faults]\nempty = 2\n')
    assert Scenario.read(path) == Scenario(files=9, span_s=60.0, samples=("a", "b"), faults={"empty": 2})
    path.write_text("flies = 9")
    with pytest.raises(BadScenario, match="no flies"):
        Scenario.read(path)


@pytest.mark.parametrize(
    ("text", "counts"), [("none", {}), ("empty=2, slow", {"empty": 2, "slow": 1}), ("1", dict.fromkeys(FAULTS, 1))]
)
def test_faults_are_counted_in_words(text, counts):
    assert Scenario.counts(text) == counts
