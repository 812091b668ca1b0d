"""What a reader says of a file goes on to every answer about it: it is made plain and kept small."""

import json

import pytest

from workers import trees
from workers.reporting import received


def test_half_characters_and_nul_never_leave_the_worker():
    raw = rb'{"\ud800key": ["\udfff\u0000a", {"b\u0000": "\ud83d\ude00"}], "n": 1.5}'
    message = received(raw)
    assert message == {"�key": ["�a", {"b": "\U0001f600"}], "n": 1.5}
    assert json.dumps(message, ensure_ascii=False).encode()


@pytest.mark.parametrize("raw", [b'{"a": NaN}', b'{"a": -Infinity}', b"[1]", b'"done"', b"\xff", b""])
def test_what_is_no_message_is_refused(raw: bytes):
    with pytest.raises(ValueError, match=r"no number|an object|decode|Expecting"):
        received(raw)


def test_of_a_vast_header_the_small_parts_stay():
    vast = {f"tag {number}": "x" * 1000 for number in range(5000)}
    shown = trees.header({"principal": {"Beam": {"HV": 200000}, "Log": vast, "Text": "y" * 10**6}, "version": "11"})
    assert len(json.dumps(shown)) <= trees.HEADER_BYTES
    assert (shown["version"], shown["principal"]["Beam"]) == ("11", {"HV": 200000})
    assert "read it in the file" in shown["principal"]["Text"]
    assert len(shown["principal"]["Log"]) > 100


def test_a_header_of_usual_size_is_shown_whole():
    original = {"principal": {f"tag {number}": number for number in range(1000)}}
    assert trees.header(original) == original
