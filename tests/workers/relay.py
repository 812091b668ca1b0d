"""A method and a recipe of a facility's own: a number handed from step to step, slowly or not at all as asked."""

import time
from collections.abc import Callable
from typing import Literal

from lithoscope.methods import Method, Params, Port, choice, quantity
from lithoscope.recipes import Output, Recipe, Step, given
from lithoscope.units import Quantity
from tests.workers import probe

MODULE = __name__


class RelayParams(Params):
    """How it is handed on."""

    act: Literal["pass", "refuse"] = choice("pass", title="Act")
    pause_s: float = quantity(0.0, unit="s", title="Pause", ge=0)


METHOD = Method(
    id="relay",
    version="1",
    title="Relay",
    reference="tests",
    inputs=(Port("count", kind="scalar", title="Number"),),
    outputs=(Port("count", kind="scalar", title="Number and one"),),
    params=RelayParams,
    compute=f"{MODULE}:relay",
    example=f"{MODULE}:two",
)


def two() -> dict[str, object]:
    """Return the number two."""
    return {"count": Quantity(2.0, "1", "measured")}


def relay(count: Quantity, *, act: str, pause_s: float, progress: Callable[..., bool]) -> Quantity:
    """Hand a number on, one higher."""
    time.sleep(pause_s)
    if act == "refuse":
        raise probe.Unwilling("the relay does not want to: ask another")
    progress(1, 1)
    return Quantity((count.value or 0.0) + 1, "1", "measured")


class RaceParams(Params):
    """How the race goes."""

    steps: int = quantity(1, unit="1", title="Steps of the first", ge=0)
    pause_s: float = quantity(0.0, unit="s", title="Pause of every step", ge=0)
    left: Literal["pass", "refuse"] = choice("pass", title="Left")
    right: Literal["pass", "refuse"] = choice("pass", title="Right")
    last_pause_s: float = quantity(0.0, unit="s", title="Pause of the last", ge=0)


RECIPE = Recipe(
    id="relay_race",
    version="1",
    title="Relay race",
    reference="tests",
    inputs=(),
    steps=(
        Step("start", "probe", {}, {"steps": given("steps"), "pause_s": given("pause_s")}, title="Start"),
        Step("left", "relay", {"count": "start.steps"}, {"act": given("left"), "pause_s": given("pause_s")}),
        Step("right", "relay", {"count": "start.steps"}, {"act": given("right"), "pause_s": 0.01}, title="Right hand"),
        Step("last", "relay", {"count": "left.count"}, {"pause_s": given("last_pause_s")}, title="Last"),
    ),
    outputs=(Output("last", "last.count", "Number at the end"), Output("right", "right.count", "Number at the right")),
    params=RaceParams,
    presets={"long": {"steps": 5}},
)
