"""Links and names that are no text are told as long as they lie there, and nothing else is forgotten with them."""

import json
import sys

import pytest

from lithoscope.client.collector.telling import problems
from tests.lithoscope.client.collector.conftest import Clock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows takes no such names, and links of few")


def told(collector):
    """Return what is kept of single places: kind and path, and since when."""
    rows = collector.journal.rows("SELECT value, at FROM note WHERE name LIKE 'odd:%'")
    lines = [(json.loads(row["value"]), row["at"]) for row in rows]
    assert {line["kind"] for line, _ in lines} <= {each["kind"] for each in problems(collector.journal)}
    return {(line["kind"], line["example"]): at for line, at in lines}


def later(clock, collector, seconds=15.0):
    clock.steady += seconds
    collector.step()
    return told(collector)


def test_a_link_and_a_bad_name_are_told_until_they_go_each_by_itself(alone, tmp_path):
    data, clock = tmp_path / "data", Clock()
    (data / "day").mkdir()
    link, bad = data / "day" / "newest", data / "day" / "a\nb.raw"
    link.symlink_to(data)
    bad.write_bytes(b"x")
    of_link, of_bad = ("link", str(link)), ("bad-name", ascii("day/a\nb.raw"))
    collector = alone(clock)
    first = later(clock, collector)
    assert first.keys() == {of_link, of_bad}
    bad.rename(data / "day" / "a b.raw")
    assert later(clock, collector) == {of_link: first[of_link]}  # since when stays
    link.unlink()
    assert later(clock, collector) == {}
    keys = [row["key"] for row in collector.journal.rows("SELECT key FROM unit")]
    assert keys == ["day/a b.raw"]


def test_what_went_while_the_collector_was_off_is_forgotten_at_its_next_start(alone, tmp_path):
    data, clock = tmp_path / "data", Clock()
    for name in ("day", "night/deep"):
        (data / name).mkdir(parents=True)
        (data / name / "newest").symlink_to(data)
    collector = alone(clock)
    first = later(clock, collector)
    assert len(first) == 2
    collector.close()
    (data / "night").rename(tmp_path / "away")
    stays = ("link", str(data / "day" / "newest"))
    assert later(clock, alone(clock)) == {stays: first[stays]}


def test_a_share_that_is_away_takes_no_line_with_it(alone, tmp_path):
    data, clock = tmp_path / "data", Clock()
    (data / "day").mkdir()
    (data / "day" / "newest").symlink_to(data)
    collector = alone(clock)
    first = later(clock, collector)
    data.rename(tmp_path / "unplugged")
    assert first.items() <= later(clock, collector, 90000).items()
    (tmp_path / "unplugged").rename(data)
    assert later(clock, collector, 90000) == first


def test_a_folder_that_cannot_be_looked_into_keeps_its_lines_and_loses_its_own_when_it_goes(alone, tmp_path):
    data, clock = tmp_path / "data", Clock()
    (data / "day").mkdir()
    (data / "day" / "newest").symlink_to(data)
    collector = alone(clock)
    first = later(clock, collector)
    (data / "day").rename(tmp_path / "kept")
    (data / "day").symlink_to("day")  # leads to itself: no system looks into it, whoever asks
    closed = later(clock, collector)
    assert first.items() < closed.items()
    assert {kind for kind, _ in closed} == {"link", "unreadable-folder"}
    (data / "day").unlink()
    (tmp_path / "kept").rename(data / "day")
    assert later(clock, collector, 90000) == first
    (data / "day" / "newest").unlink()
    (data / "day").rmdir()
    assert later(clock, collector, 600) == {}  # nothing happened there for long: looked for with the warm round


def test_a_folder_that_is_watched_no_longer_and_lines_of_older_collectors_are_forgotten(alone, tmp_path):
    data, clock = tmp_path / "data", Clock()
    (tmp_path / "other").mkdir()
    for folder in (data, tmp_path / "other"):
        (folder / "newest").symlink_to(tmp_path)
    two = [{"path": data}, {"path": tmp_path / "other"}]
    collector = alone(clock, folders=two)
    assert len(later(clock, collector)) == 2
    collector.journal.note("link:/long/gone", {"kind": "link", "words": "x", "example": "gone"}, clock.wall_s())
    collector.close()
    again = alone(clock)
    assert later(clock, again).keys() == {("link", str(data / "newest"))}
    assert [each["count"] for each in problems(again.journal) if each["kind"] == "link"] == [1]
