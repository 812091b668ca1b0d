"""What a recipe is: methods chained by their ports, declared once for API, form, client and engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lithoscope.methods.base import Params, Port, declared_in, listed


@dataclass(frozen=True, slots=True)
class Given:
    """A step's parameter that whoever runs the recipe chooses: the name of a parameter of the recipe."""

    name: str


def given(name: str) -> Given:
    """Let a step's parameter be the recipe's parameter of this name."""
    return Given(name)


@dataclass(frozen=True, slots=True)
class Step:
    """
    One method within a recipe; it becomes one job.

    Parameters
    ----------
    name : str
        snake_case, unique within the recipe.
    method : str
        Id of the method.
    inputs : mapping of str to str or tuple of str
        Where each input port takes its thing from: an input of the recipe (``projections``) or an output port of
        another step (``background.tilt_series``). A port that takes many has a tuple of these; of an input of the
        recipe that takes many it takes all. An optional port may be left out.
    params : mapping of str to value or Given
        Fixed values, or parameters of the recipe (`given`); what is left out keeps the method's default.
    title : str
        Words for the graph; the method's title when empty.
    """

    name: str
    method: str
    inputs: Mapping[str, str | tuple[str, ...]]
    params: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the steps whose outputs it takes, each once."""
        parts = (source.partition(".") for source in self.sources)
        return tuple(dict.fromkeys(step for step, dot, _ in parts if dot))

    @property
    def sources(self) -> tuple[str, ...]:
        """Return all it takes, port by port."""
        return tuple(source for given in self.inputs.values() for source in listed(given))

    def values(self, params: Params) -> dict[str, Any]:
        """Return its parameters for those of the recipe."""
        return {
            name: getattr(params, value.name) if isinstance(value, Given) else value
            for name, value in self.params.items()
        }


@dataclass(frozen=True, slots=True)
class Output:
    """
    One outcome of a recipe: an output port of a step (``reconstruction.volume``), under a name of its own.

    Outcomes of one `group` (``Composition``) stand together on a run's page, groups in the order of their first.
    """

    name: str
    source: str
    title: str
    group: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """
    A chain of methods that is run as one.

    Parameters
    ----------
    id : str
        snake_case, never reused.
    version : str
        Rises when its steps or their fixed parameters change.
    title, reference : str
        Words for people, and the paper it follows.
    inputs : tuple of Port
        What it takes.
    steps : tuple of Step
        Every step after those it takes from.
    outputs : tuple of Output
        What a person wants of it; every other output of every step is kept, too.
    params : type of Params
        The parameters a person chooses.
    sections : mapping of str to sequence of str
        Headings of the form, each with the names of its parameters; those nobody names stand first.
    presets : mapping of str to mapping
        Named sets of parameters, such as ``paper``; what a preset does not name keeps its default.
    alike : tuple of tuple of str
        Inputs of the same scans, which have equal numbers of tilts, rows and columns.
    """

    id: str
    version: str
    title: str
    reference: str
    inputs: tuple[Port, ...]
    steps: tuple[Step, ...]
    outputs: tuple[Output, ...]
    params: type[Params]
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alike: tuple[tuple[str, ...], ...] = ()

    def step(self, name: str) -> Step:
        """Return the step of that name."""
        return next(step for step in self.steps if step.name == name)


@cache
def catalogue(extra: tuple[str, ...] = ()) -> Mapping[str, Recipe]:
    """
    Collect the RECIPE of every module of this package, by id.

    Parameters
    ----------
    extra : tuple of str
        Further modules with a RECIPE: a facility's own (setting ``extra_recipes``).
    """
    import lithoscope.recipes as package

    return declared_in(package, "RECIPE", extra)
