"""A zip that is sent while it is made opens like any other."""

import io
import zipfile

import pytest

from lithoscope.writers.streamed_zip import zip_pieces

MEMBERS = {"a/zarr.json": [b"{}"], "a/0/c": [b"x" * 1000, b"y" * 1000], "empty": []}


def test_what_went_in_comes_out():
    whole = b"".join(zip_pieces(MEMBERS.items()))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            name: b"".join(pieces) for name, pieces in MEMBERS.items()
        }


def test_the_same_members_give_the_same_bytes():
    assert b"".join(zip_pieces(MEMBERS.items())) == b"".join(zip_pieces(MEMBERS.items()))


def test_a_member_is_asked_for_when_its_turn_comes():
    asked = []

    def pieces():
        for number in range(3):
            asked.append(number)
            yield bytes(10)

    stream = zip_pieces([("one", pieces())])
    next(stream)
    assert len(asked) < 3


def test_a_broken_member_leaves_a_zip_without_an_end():
    def broken():
        yield b"half"
        raise OSError("gone")

    got = []
    with pytest.raises(OSError, match="gone"):
        got.extend(zip_pieces([("one", [b"1"]), ("two", broken())]))
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(got)))
