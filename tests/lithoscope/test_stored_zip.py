"""The archive that only stores: any zip reader opens it, from any place, and equal files give equal archives."""

import hashlib
import io
import zipfile

import pytest

from lithoscope.stored_zip import Entry, StoredZip, end_of, head_of, size_of, unfit

FILES = {"ä_1.tif": b"first" * 500, "empty": b"", "b.tif": bytes(range(256)) * 20}
ENTRIES = [Entry(name, len(content), zipfile.crc32(content)) for name, content in FILES.items()]
CONTENTS = list(FILES.values())
#: Of one file "a" with the byte "x", as collectors have sent it from the first version on.
KNOWN = "5c6df71080e3b39055ea5bdef1908d821155b12392b40b95deee2a6598a7f57d"


def piece(number: int, within: int, length: int) -> bytes:
    return CONTENTS[number][within : within + length]


def archive() -> io.BufferedReader:
    return io.BufferedReader(StoredZip(ENTRIES, piece))


def test_every_zip_reader_finds_the_files_whole_under_their_names():
    with zipfile.ZipFile(io.BytesIO(archive().read())) as opened:
        assert (opened.testzip(), opened.namelist()) == (None, list(FILES))
        assert [opened.read(name) for name in FILES] == CONTENTS
        assert {each.compress_type for each in opened.infolist()} == {zipfile.ZIP_STORED}


def test_its_bytes_are_known_before_and_do_not_change_between_versions():
    whole = archive().read()
    assert len(whole) == size_of([(entry.name, entry.size_bytes) for entry in ENTRIES])
    parts = [head_of(entry) + content for entry, content in zip(ENTRIES, CONTENTS, strict=True)]
    assert whole == b"".join(parts) + end_of(ENTRIES)
    one = io.BufferedReader(StoredZip([Entry("a", 1, zipfile.crc32(b"x"))], lambda *_: b"x")).read()
    assert hashlib.sha256(one).hexdigest() == KNOWN


@pytest.mark.parametrize("start", [0, 1, 56, 57, 2556, 2557, 2600, 7000, 8000])
def test_it_is_read_from_any_place(start: int):
    whole, opened = archive().read(), archive()
    opened.seek(start)
    assert (opened.read(700), opened.tell()) == (whole[start : start + 700], min(start + 700, len(whole)))
    assert opened.seek(0, io.SEEK_END) == len(whole)
    assert opened.read() == b""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"), ("/a", "absolute"), ("c:a", "drive"), ("a\\b", "absolute"), ("../a", "leads out"),
        ("con.tif", "device"), ("a/NUL", "device"), ("scan_0001.tif", None), ("folder/ä.tif", None),
    ],
)  # fmt: skip
def test_names_that_no_machine_should_unpack_are_said(name: str, why: str | None):
    said = unfit(name)
    assert said is None if why is None else why in (said or "")
