"""Families, elements and numbers are read as people write them."""

import pytest

from lithoscope.numerics.common import InvalidSetting
from lithoscope.numerics.eds.errors import ElementMismatch, UnknownLine
from lithoscope.numerics.eds.named import amounts_in, families_in, kept_families, numbers_in


def test_families_are_read_whatever_their_case_and_spaces():
    assert families_in(" o k;Mn  L, CU l,") == ("O K", "Mn L", "Cu L")


def test_an_unknown_family_is_refused_with_those_that_exist_and_without_an_echo():
    with pytest.raises(
        UnknownLine, match=r"families: number 2 is no family of the table, which holds C K, .*Au L"
    ) as seen:
        families_in("O K, Qq Z")
    assert "Qq" not in str(seen.value)


@pytest.mark.parametrize("text", ["", " , ", "O K, o k"])
def test_no_family_or_one_twice_is_refused(text):
    with pytest.raises(InvalidSetting, match="families"):
        families_in(text)


def test_all_but_grid_and_film_become_maps_unless_told():
    fitted = ("C K", "O K", "Mn L", "Cu L")
    assert kept_families("", fitted) == ("O K", "Mn L")
    assert kept_families("cu l", fitted) == ("Cu L",)
    assert kept_families("", ("Cu L",)) == ("Cu L",)
    with pytest.raises(ElementMismatch, match="kept"):
        kept_families("Ni L", fitted)


def test_amounts_take_the_usual_signs():
    assert amounts_in("O 1, mn=0.5; Co: 2e-1", field="k_given") == {"O": 1.0, "Mn": 0.5, "Co": 0.2}
    assert amounts_in("", field="unseen") == {}


@pytest.mark.parametrize("text", ["O", "O one", "O 1 2", "1 O", "O 1, O 2", "O 1e", "O nan"])
def test_what_is_no_amount_is_refused_by_its_place(text):
    with pytest.raises(InvalidSetting, match=r"k_given: number \d"):
        amounts_in(text, field="k_given")


def test_numbers_are_separated_by_commas_or_spaces():
    assert numbers_in("45, 135 -225.5", field="azimuths_deg") == [45.0, 135.0, -225.5]
    with pytest.raises(InvalidSetting, match="azimuths_deg"):
        numbers_in("north", field="azimuths_deg")
