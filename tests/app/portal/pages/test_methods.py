"""Methods stand by what they are for, and are found by words."""

import pytest

from app.portal.methods import TECHNIQUES, by_technique, tells
from lithoscope.methods import catalogue
from tests.app.portal.test_pages import HTML


def test_every_method_of_ours_says_what_it_is_for():
    assert [method.id for method in catalogue().values() if method.technique == "other"] == []


def test_groups_follow_the_order_of_an_experiment_and_hold_every_method_once():
    groups = by_technique(catalogue().values())
    assert [title for title, _ in groups] == [title for name, title in TECHNIQUES.items() if name != "other"]
    assert sorted(method.id for _, found in groups for method in found) == sorted(catalogue())


@pytest.mark.parametrize("words", ["gilbert", "SIRT tomogram", "tomogram_sirt", ""])
def test_a_method_is_found_by_title_author_and_identifier(words):
    assert tells(catalogue()["tomogram_sirt"], words)
    assert not tells(catalogue()["tomogram_sirt"], f"{words} alchemy")


def test_the_page_shows_groups_and_what_is_looked_for(analyst):
    text = analyst.get("/methods", headers=HTML).text
    assert TECHNIQUES["eels"] in text
    found = analyst.get("/methods?q=gilbert", headers=HTML).text
    assert 'href="/methods/tomogram_sirt"' in found
    assert 'href="/methods/eels_edge"' not in found
    assert "No method tells of this" in analyst.get("/methods?q=alchemy", headers=HTML).text
