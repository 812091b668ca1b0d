"""Names from headers are harmless as file names, and none comes twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lithoscope.readers.names import plain_name, unique


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("EELS from -22 eV", "EELS from -22 eV"),
        ("../../etc/passwd", "etc_passwd"),
        ("a/b\\c:d", "a_b_c_d"),
        ("\0\n\u202e", "data"),
        ("...", "data"),
        ("Übersicht µm", "Ubersicht um"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_name_keeps_only_what_is_harmless(raw: str, plain: str):
    assert plain_name(raw) == plain


@given(st.text())
def test_no_name_leads_anywhere(raw: str):
    name = plain_name(raw)
    assert name
    assert len(name) <= 60
    assert not set(name) & set("/\\:\0\n")
    assert ".." not in name
    assert not name.startswith((".", " "))


def test_twins_are_numbered_whatever_their_case():
    assert unique("Map", {"map", "map 2"}) == "Map 3"
