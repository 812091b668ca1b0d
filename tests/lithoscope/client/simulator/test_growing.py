"""A series written tilt by tilt: every tilt once in the ledger, its end said last; the check names what is not so."""

import pytest

from lithoscope.client.collector.live_settings import Live
from lithoscope.client.collector.parts import Position, told_position
from lithoscope.client.simulator import Entry, HeldPart, HeldSeries, Scenario, compare_series
from lithoscope.client.simulator.lives import SERIES_END

SERIES = Scenario(files=1, span_s=600.0, live=1, quiet_s=10.0, seed=5)


def test_a_series_is_written_from_the_middle_outwards_and_its_end_is_said_last(rehearsal):
    seen = []
    rehearsal.run(SERIES, lambda _: seen.append(sorted(path.name for path in rehearsal.share.rglob("*.t*"))))
    tilts = sorted(rehearsal.entries, key=lambda entry: entry.number)
    assert [entry.number for entry in tilts] == list(range(1, 13))
    assert [entry.tilt_deg for entry in tilts[:5]] == [0.0, 3.0, -3.0, -6.0, 6.0]
    assert {entry.fault for entry in tilts} == {"", "slow", "temporary_name", "locked", "copied"}
    [end] = rehearsal.share.rglob(SERIES_END)
    assert SERIES_END in seen[-1]
    assert SERIES_END not in seen[-2]
    for entry in tilts:
        path = rehearsal.share / entry.path
        assert path.parent == end.parent
        assert told_position(path, (), Position(None, None), Live()).place == pytest.approx(entry.tilt_deg, abs=1e-3)


def tilt(number: int) -> Entry:
    where = {"path": f"s/d/g/{number}.tif", "size": 3, "true_s": 0.0, "pc_s": 0.0, "sample": "s", "kind": "tilt"}
    return Entry(**where, sha256=f"a{number}", group="s/d/g", number=number, tilt_deg=3.0 * number)


def held(*numbers: int, state: str = "sealed", **other: HeldPart) -> HeldSeries:
    parts = {number: HeldPart(f"a{number}", 3.0 * number) for number in numbers}
    return HeldSeries("s/d/g", state, parts | {int(name[1:]): part for name, part in other.items()})


@pytest.mark.parametrize(
    ("arrived", "words"),
    [
        ([held(1, 2)], []),
        ([], ["is 0 series"]),
        ([held(1, 2), held(1, 2)], ["is 2 series"]),
        ([held(1, 2, state="open")], ["is open"]),
        ([held(1)], ["is no part"]),
        ([held(1, 2, 3)], ["nobody wrote"]),
        ([held(1, _2=HeldPart("a1", 6.0))], ["another dataset"]),
        ([held(1, _2=HeldPart("a2", None))], ["lies at None deg"]),
    ],
)
def test_the_check_names_what_is_not_as_it_was_written(arrived, words):
    found = compare_series([tilt(1), tilt(2)], arrived)
    assert len(found) == len(words)
    assert all(word in finding.words for word, finding in zip(words, found, strict=True))
