"""A method that takes many things, and a recipe that joins them."""

from lithoscope.methods import Method, Params, Port, choice
from lithoscope.recipes import Output, Recipe, Step, given
from lithoscope.units import Quantity

MODULE = __name__


class GatherParams(Params):
    """Nothing that matters."""

    word: str = choice("", title="Word")


METHOD = Method(
    id="gather",
    version="1",
    title="Gather",
    reference="tests",
    inputs=(
        Port("counts", kind="scalar", title="Numbers", many=True),
        Port("more", kind="scalar", title="More numbers", many=True, optional=True),
    ),
    outputs=(Port("sum", kind="scalar", title="Sum"), Port("places", kind="scalar", title="How many")),
    params=GatherParams,
    compute=f"{MODULE}:gather",
    example=f"{MODULE}:two",
)


class Gathered:
    """What there is."""

    def __init__(self, values: list[float]) -> None:
        self.sum = Quantity(sum(values), "1", "measured")
        self.places = Quantity(float(len(values)), "1", "measured")


def two() -> dict[str, object]:
    """Return two numbers."""
    return {"counts": (Quantity(2.0, "1", "measured"), Quantity(3.0, "1", "measured"))}


def gather(counts: tuple[Quantity, ...], more: tuple[Quantity, ...] = (), *, word: str) -> Gathered:
    """Add numbers up."""
    return Gathered([each.value or 0.0 for each in (*counts, *more)])


class GatheringParams(Params):
    """How."""

    word: str = choice("", title="Word")


RECIPE = Recipe(
    id="gathering",
    version="1",
    title="Gathering",
    reference="tests",
    inputs=(Port("numbers", kind="scalar", title="Numbers", many=True),),
    steps=(
        Step("start", "probe", {}, {"steps": 4}, title="Start"),
        Step("all", "gather", {"counts": ("start.steps", "numbers")}, {"word": given("word")}, title="All of them"),
    ),
    outputs=(Output("sum", "all.sum", "Sum"),),
    params=GatheringParams,
)
