"""Recipes are held against the methods they chain before anybody runs them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lithoscope.methods import Params, Port, quantity
from lithoscope.methods import catalogue as methods
from lithoscope.recipes import BadRecipe, Output, Recipe, Step, catalogue, check, given

RECIPES = list(catalogue().values())


class IterationsParams(Params):
    """How long."""

    iterations: int = quantity(5, unit="1", title="Iterations", ge=0)


TURN = Step("turn", "tilt_series_turn", {"projections": "series"})
VOLUME = Step("volume", "tomogram_sirt", {"projections": "turn.tilt_series"}, {"iterations": given("iterations")})
GOOD = Recipe(
    id="good",
    version="1",
    title="Good",
    reference="tests",
    inputs=(Port("series", kind="tilt_series", axes="tyx"),),
    steps=(TURN, VOLUME),
    outputs=(Output("volume", "volume.volume", "Tomogram"),),
    params=IterationsParams,
    presets={"long": {"iterations": 500}},
)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_every_recipe_can_run(recipe):
    check(recipe, methods())


def test_a_sound_recipe_is_found_sound():
    check(GOOD, methods())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": (replace(TURN, method="alchemy"), VOLUME)}, "there is no method alchemy"),
        ({"steps": (replace(TURN, inputs={"images": "series"}), VOLUME)}, "tilt_series_turn has no input images"),
        ({"steps": (replace(TURN, inputs={}), VOLUME)}, "its input projections comes from nowhere"),
        ({"steps": (replace(TURN, inputs={"projections": "films"}), VOLUME)}, "films is no input of the recipe"),
        ({"steps": (TURN, replace(VOLUME, inputs={"projections": "turn.film"}))}, "tilt_series_turn gives no film"),
        ({"steps": (TURN, replace(VOLUME, inputs={"projections": "spin.x"}))}, "there is no step spin"),
        ({"steps": (VOLUME, TURN)}, "step volume stands before turn, or runs in a circle with it"),
        ({"steps": (replace(TURN, inputs={"projections": "turn.tilt_series"}), VOLUME)}, "runs in a circle"),
        (
            {"steps": (TURN, replace(VOLUME, inputs={"projections": "turn.rotation_axis"}))},
            "a scalar is no tilt_series",
        ),
        ({"inputs": (Port("series", kind="tilt_series", axes="yx"),)}, "axes yx are not tyx"),
        ({"inputs": (Port("series", kind=("tilt_series", "stack"), axes="tyx"),)}, "tilt_series or stack is no"),
        ({"inputs": (*GOOD.inputs, Port("more", kind="image"))}, "no step takes the input more"),
        ({"inputs": (Port("series", kind="tilt_series", axes="tyx", optional=True),)}, "may be left out"),
        ({"steps": (TURN, replace(VOLUME, params={}))}, "no step takes the parameter iterations"),
        ({"steps": (TURN, replace(VOLUME, params={"iterations": given("rounds")}))}, "no parameter rounds"),
        ({"steps": (TURN, replace(VOLUME, params={"rounds": given("iterations")}))}, "has no parameter rounds"),
        ({"presets": {"none": {"iterations": 0}}}, "none, step volume: iterations"),
        ({"presets": {"odd": {"rounds": 3}}}, "odd: rounds"),
        ({"steps": (TURN, TURN, VOLUME)}, "two steps are called turn"),
        ({"steps": ()}, "it has no steps"),
        ({"outputs": (Output("volume", "volume.film", "Film"),)}, "tomogram_sirt gives no film"),
        ({"outputs": (Output("volume", "series", "Film"),)}, "output volume: series is no output of a step"),
    ],
)
def test_a_recipe_that_cannot_run_is_refused_by_name(change, said):
    with pytest.raises(BadRecipe, match=said):
        check(replace(GOOD, **change), methods())


def test_a_facilitys_own_recipes_stand_beside_ours():
    assert "tilt_series_to_particle" in catalogue()
    with pytest.raises(RuntimeError, match="two recipes are called"):
        catalogue(("lithoscope.recipes.tilt_series_to_particle",))


def test_the_recipe_of_the_documentation_can_run():
    text = (Path(__file__).parents[3] / "docs/recipes.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)
    check(names["RECIPE"], methods())
