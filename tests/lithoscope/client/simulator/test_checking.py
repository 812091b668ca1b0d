"""The check of what arrived: a service that has everything right is silent, and every kind of wrong is named."""

import hashlib
import io
import zipfile

from lithoscope.client.simulator import Entry, Held, compare, held_by, is_group

TRUE_S = 1_800_000_000.0


def entry(**given) -> Entry:
    facts = {"path": "s/d/a.tif", "sha256": "aa", "size": 3, "true_s": TRUE_S, "pc_s": TRUE_S, "sample": "s"}
    return Entry(**{**facts, "kind": "tiff", **given})


def found(entries: list[Entry], *held: Held) -> list[str]:
    return [finding.what for finding in compare(entries, held)]


def test_nothing_is_said_when_everything_is_right():
    assert found([entry()], Held("aa", "a.tif", "s", TRUE_S + 1)) == []


def test_a_missing_file_is_named():
    assert found([entry()]) == ["missing"]


def test_a_file_that_arrived_twice_is_named():
    assert found([entry()], *[Held("aa", "a.tif", "s", TRUE_S)] * 2) == ["twice"]


def test_a_copy_needs_to_arrive_only_once():
    entries = [entry(fault="copied"), entry(path="s/d/a - Copy.tif", fault="copied", true_s=TRUE_S + 100)]
    assert found(entries, Held("aa", "a.tif", "s", TRUE_S)) == []


def test_the_same_bytes_under_two_samples_arrive_once_for_each():
    entries = [entry(fault="second_sample"), entry(path="t/d/a.tif", sample="t", fault="second_sample")]
    held = [Held("aa", "a.tif", sample, TRUE_S) for sample in "st"]
    assert found(entries, *held) == []
    assert found(entries, held[0]) == ["missing"]
    assert found(entries, *held, Held("aa", "a.tif", "u", TRUE_S)) == ["unexpected"]


def test_half_a_file_is_named_by_its_name():
    assert found([entry(sha256="", fault="restart", expected="never")], Held("bb", "a.tif", "s", TRUE_S)) == ["half"]


def test_bytes_nobody_wrote_are_named():
    assert found([entry()], Held("aa", "a.tif", "s", TRUE_S), Held("cc", "c.tif", "s", TRUE_S)) == ["unexpected"]


def test_a_version_that_was_soon_replaced_may_be_there_or_not():
    entries = [entry(fault="changed_later", expected="either"), entry(sha256="bb", fault="changed_later")]
    assert found(entries, Held("bb", "a.tif", "s", TRUE_S)) == []
    assert found(entries, Held("aa", "a.tif", "s", TRUE_S), Held("bb", "a.tif", "s", TRUE_S)) == []


def test_a_wrong_time_is_named_and_so_is_none():
    assert found([entry()], Held("aa", "a.tif", "s", TRUE_S + 420)) == ["wrong-time"]
    assert found([entry()], Held("aa", "a.tif", "s")) == ["wrong-time"]


def test_of_two_possible_moments_one_must_be_right():
    assert found([entry()], Held("aa", "a.tif", "s", TRUE_S + 420, or_s=(TRUE_S + 1,))) == []
    assert found([entry()], Held("aa", "a.tif", "s", TRUE_S + 420, or_s=(TRUE_S - 60,))) == ["wrong-time"]


def test_a_group_arrives_by_its_members_and_is_dated_by_the_last():
    entries = [entry(group="s/d/g"), entry(path="s/d/b.tif", sha256="bb", group="s/d/g", true_s=TRUE_S + 60)]
    assert found(entries, Held("zip", "g.zip", "s", TRUE_S + 60, {"a.tif": "aa", "b.tif": "bb"})) == []
    assert found(entries, Held("zip", "g.zip", "s", TRUE_S, {"a.tif": "aa"})) == ["missing"]


def test_a_record_of_the_service_is_understood():
    said = {"modified_at": "2027-01-15T08:00:00+00:00", "clock_offset_s": 0.5}
    record = {"sha256": "aa", "filename": "a.tif", "sample_id": "smp_1", "attributes": said}
    assert held_by(record, {"smp_1": "s"}) == Held("aa", "a.tif", "s", 1_800_000_000.0)
    assert held_by({**record, "attributes": {**said, "clock_offset_s": None}}, {}) == Held("aa", "a.tif")


def test_a_group_is_taken_apart():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.tif", b"pixels")
    record = {"sha256": "zz", "filename": "g.zip", "sample_id": None, "attributes": {"files": 1}}
    assert is_group(record)
    assert not is_group({"filename": "a.zip", "attributes": {}})
    assert held_by(record, {}, packed.getvalue()).members == {"a.tif": hashlib.sha256(b"pixels").hexdigest()}
