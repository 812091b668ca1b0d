"""A recipe does without what may be left out: the steps that need it are not part of the run."""

from dataclasses import replace

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.methods import Port
from lithoscope.methods import catalogue as methods
from lithoscope.recipes import Output, Recipe, Step, check, with_inputs
from lithoscope.recipes.running import run_local
from lithoscope.units import Quantity
from tests.lithoscope.recipes.test_recipes import GOOD, VOLUME

SECOND = Port("second", kind="tilt_series", axes="tyx", optional=True)
TWO: Recipe = replace(
    GOOD,
    inputs=(*GOOD.inputs, SECOND),
    steps=(
        *GOOD.steps,
        replace(VOLUME, name="other", inputs={"projections": "second"}),
        Step("phases", "segment_threshold", {"image": "other.volume"}),
    ),
    outputs=(*GOOD.outputs, Output("labels", "phases.labels", "Labels")),
)
ANGLES = np.linspace(-60, 60, 7)


def series(value: float = 1.0) -> LabelledArray:
    values = np.zeros((len(ANGLES), 8, 8), np.float32)
    values[:, 2:6, 2:6] = value
    step = Quantity(1.0, "nm", "user")
    return LabelledArray(values, "tyx", {"x": step, "y": step}, "counts", {"t": ANGLES}, "tilt_series", "series")


def test_steps_that_need_what_is_missing_are_left_out_with_those_behind_them():
    check(TWO, methods())
    whole, less = (with_inputs(TWO, given, methods()) for given in ({"series", "second"}, {"series"}))
    assert (whole.inputs, whole.steps, whole.outputs) == (TWO.inputs, TWO.steps, TWO.outputs)
    assert [step.name for step in less.steps] == ["turn", "volume"]
    assert [output.name for output in less.outputs] == ["volume"]
    assert [port.name for port in less.inputs] == ["series"]


def test_of_many_things_those_that_are_there_are_taken():
    shelf = {"many": replace(methods()["tilt_series_turn"], inputs=(replace(SECOND, optional=False, many=True),))}
    recipe = replace(TWO, steps=(Step("many", "many", {"second": ("series", "second")}),), outputs=())
    assert with_inputs(recipe, {"series"}, shelf).steps[0].inputs == {"second": ("series",)}


def test_a_recipe_runs_here_without_a_service():
    seen = []
    watch = lambda step, _performed: seen.append(step.name)  # noqa: E731
    given = {"series": series(), "second": None}
    done = run_local(TWO, given, TWO.params(iterations=3), methods=methods(), watch=watch)
    assert seen == list(done) == ["turn", "volume"]
    assert done["volume"].outputs["volume"].values.shape == (8, 8, 8)


def test_a_step_that_refuses_is_named():
    with pytest.raises(ScienceError) as refused:
        run_local(TWO, {"series": series(np.nan)}, TWO.params(), methods=methods())
    assert refused.value.__notes__ == ["in step turn of recipe good"]
