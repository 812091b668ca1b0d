"""Which input of a method or recipe gets what a caller gave."""

from collections.abc import Mapping, Sequence
from typing import Any

from lithoscope.client.outputs import Array
from lithoscope.client.problems import ClientError
from lithoscope.client.thing import Thing
from lithoscope.client.things import Dataset, Result

Reference = Dataset | Array | Thing | str
Given = Reference | list[Reference] | tuple[Reference, ...]


def placed(
    what: str, ports: Sequence[Mapping[str, Any]], inputs: Sequence[Given], named: Mapping[str, Any]
) -> dict[str, Given]:
    """
    Give each input what was given by its name, else the next thing in order; one that takes many takes the rest.

    Parameters
    ----------
    what : str
        The method or recipe, for refusals.
    ports : sequence of mapping
        Its inputs as the service tells them.
    inputs : sequence
        What was given without a name.
    named : mapping
        What was given by name; words that are no input are parameters.
    """
    left = list(inputs)
    given: dict[str, Given] = {}
    for port in ports:
        if port["name"] in named:
            given[port["name"]] = named[port["name"]]
        elif left and port["many"] and not isinstance(left[0], list | tuple):
            given[port["name"]], left = [one for each in left for one in each_of(each)], []
        elif left:
            given[port["name"]] = left.pop(0)
    if left:
        names = ", ".join(port["name"] for port in ports)
        raise ClientError(f"{what} takes the inputs {names}: {len(inputs)} were given")
    return given


def each_of(given: Given) -> tuple[Reference, ...]:
    """Return what was given as a tuple, whether it is one thing or a list."""
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def is_dataset(reference: str) -> bool:
    """Say whether words name a whole dataset, none of its arrays."""
    return reference.startswith("ds_") and "/" not in reference


def reference_of(value: Reference, port: Mapping[str, Any]) -> str:
    """Return the words that name a job's input; of a result, its output that fits."""
    if isinstance(value, str):
        return value
    if isinstance(value, Result):
        return _output(value, port).reference
    return value.reference if isinstance(value, Array) else value.id


def _output(result: Result, port: Mapping[str, Any]) -> Array:
    """Choose the output of the port's own name if it fits, else the only one that fits."""
    fitting = {
        name: output
        for name, output in result.outputs.items()
        if output.summary.get("kind") in port["kinds"]
        and (not port["axes"] or output.summary.get("axes") in port["axes"])
    }
    if port["name"] in fitting:
        return fitting[port["name"]]
    if len(fitting) != 1:
        there = f"{', '.join(fitting)} would: name one as res_.../OUTPUT" if fitting else "none of its outputs would"
        raise ClientError(f"what of {result.id} goes to {port['name']} is open: {there}")
    return next(iter(fitting.values()))
