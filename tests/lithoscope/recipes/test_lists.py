"""A recipe may join several things into one input; what cannot be joined is said."""

from dataclasses import replace

import pytest

from lithoscope.methods import Port, catalogue
from lithoscope.recipes import BadRecipe, Step, check
from tests.workers import gather, probe, relay

METHODS = {each.METHOD.id: each.METHOD for each in (gather, probe, relay)}


def joined(counts, *, numbers=None):
    first, last = gather.RECIPE.steps
    inputs = gather.RECIPE.inputs if numbers is None else (numbers,)
    return replace(gather.RECIPE, inputs=inputs, steps=(first, replace(last, inputs={"counts": counts})))


def test_a_list_of_steps_and_of_what_a_person_gives_is_joined():
    check(gather.RECIPE, METHODS)
    assert gather.RECIPE.step("all").needs == ("start",)
    assert gather.RECIPE.step("all").sources == ("start.steps", "numbers")


def test_one_source_goes_to_an_input_of_many_as_it_is():
    check(joined("numbers"), METHODS)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (joined(("start.steps", "start.nothing", "numbers")), "probe gives no nothing"),
        (joined(()), "its list is empty"),
        (
            joined(("numbers", "start.steps"), numbers=Port("numbers", kind="volume", axes="zyx")),
            "a volume is no scalar",
        ),
    ],
)
def test_what_cannot_be_joined_is_said(recipe, words):
    with pytest.raises(BadRecipe, match=words):
        check(recipe, METHODS)


def test_a_list_goes_to_no_input_of_one():
    start, last = gather.RECIPE.steps
    one = Step("one", "relay", {"count": ("start.steps", "numbers")})
    with pytest.raises(BadRecipe, match="it takes one thing, not a list"):
        check(replace(gather.RECIPE, steps=(start, one, last)), METHODS)
    many = Step("one", "relay", {"count": "numbers"})
    with pytest.raises(BadRecipe, match="many things are given where one is taken"):
        check(replace(gather.RECIPE, steps=(start, many, last)), METHODS)


def test_every_own_method_that_takes_many_says_so():
    assert {name for name, method in catalogue().items() if any(port.many for port in method.inputs)} >= {
        "particle_profiles"
    }
