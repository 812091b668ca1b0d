"""Elements are read from the names of maps, and from the edge a method looked at."""

import pytest

from app.infra.db.elements import elements_of
from lithoscope.elements import SYMBOLS, element_in


@pytest.mark.parametrize(
    ("name", "element"),
    [
        ("Mn", "Mn"), ("Mn L", "Mn"), ("O K", "O"), ("Mn L3", "Mn"), ("Mn4+", "Mn"), ("Co2.67+", "Co"), ("Mn 4+", "Mn"),
        ("Xx", None), ("mean Mn valence", None), ("Nickel", None), ("ni", None), ("Z99 4+", None), ("", None),
    ],
)  # fmt: skip
def test_a_map_is_of_the_element_it_is_named_by(name, element):
    assert element_in(name) == element


def test_symbols_stand_in_the_order_of_their_atomic_numbers():
    assert (SYMBOLS[0], SYMBOLS[24], SYMBOLS[27], len(SYMBOLS)) == ("H", "Mn", "Ni", 94)


def test_only_channels_name_elements():
    maps = {"kind": "image", "axes": "cyx", "labels": {"c": ["O K", "Ni L"]}}
    others = {"kind": "image", "axes": "tyx", "labels": {"t": ["Mn"]}}
    assert elements_of([maps, others, {"kind": "table"}, {"kind": "volume", "labels": None}]) == {"O", "Ni"}


@pytest.mark.parametrize(("number", "found"), [(25, {"Mn"}), (0, set()), (500, set()), ("25", set()), (None, set())])
def test_a_method_of_one_edge_shows_its_element(number, found):
    assert elements_of([{"kind": "image"}], {"atomic_number": number}) == found
