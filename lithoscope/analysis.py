"""Running a declared method on labelled inputs: what a worker calls, and anyone who has the library alone."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lithoscope.arrays import LabelledArray
from lithoscope.errors import ScienceError
from lithoscope.figures import Figure, Film
from lithoscope.methods import Method, Params, Port, listed, resolve
from lithoscope.numerics.common.energy import EnergyAxis
from lithoscope.numerics.common.errors import ReversedEnergyAxis
from lithoscope.tables import Table
from lithoscope.units import Quantity

SPATIAL_AXES = "zyx"
ENERGY, NAMES, UNITS = "_energy", "_names", "_units"

Output = LabelledArray | Quantity | Table | Figure | Film


class MissingInput(ScienceError):
    """A method needs an input that was not given, or was given one it does not have."""

    code = "missing-input"


class WrongInput(ScienceError):
    """An input is not of a kind or layout that fits its port."""

    code = "wrong-input"


class UnknownCalibration(ScienceError):
    """A calibration the method cannot do without is not known."""

    code = "unknown-calibration"


@dataclass(frozen=True)
class Performed:
    """
    What a method gave.

    Parameters
    ----------
    outputs : mapping of str to LabelledArray, Quantity, Table, Figure or Film
        By port name, in the order of the method's output ports; optional outputs may be absent.
    notes : tuple of str
        What a person should read beside them.
    """

    outputs: dict[str, Output]
    notes: tuple[str, ...] = ()


def call(
    method: Method, inputs: Mapping[str, Any], params: Params, *, progress: Any = None, seed: int = 0
) -> dict[str, Output]:
    """
    Run a method.

    Parameters
    ----------
    method : Method
        From `lithoscope.methods.catalogue`.
    inputs : mapping of str to LabelledArray, RasterExposure, Quantity or Table
        One entry per input port, a sequence where it takes many; optional ports may be absent.
    params : Params
        An instance of ``method.params``.
    progress : callable, optional
        Passed on to methods that report: ``progress(done, total, **values) -> bool``. It raises to cancel and returns
        False for an early finish.
    seed : int
        Of the random generator, for methods that use one.

    Returns
    -------
    outputs : dict of str to LabelledArray, Quantity, Table, Figure or Film
        By port name, in the order of the method's output ports; see `perform` for its notes.

    Raises
    ------
    MissingInput, WrongInput, UnknownCalibration
    ScienceError
        Whatever the method refuses.
    """
    return perform(method, inputs, params, progress=progress, seed=seed).outputs


def perform(
    method: Method, inputs: Mapping[str, Any], params: Params, *, progress: Any = None, seed: int = 0
) -> Performed:
    """Run a method as `call` does, and keep what it notes."""
    function = resolve(method.compute)
    arguments = _checked_inputs(method, inputs) | params.arguments() | _calibration(method, inputs, seed)
    if "progress" in inspect.signature(function).parameters:
        arguments["progress"] = progress
    returned = function(**arguments)
    sources = {name: listed(given)[0] for name, given in inputs.items()}
    first = next((sources[port.name] for port in method.inputs if port.name in sources), None)
    if len(method.outputs) == 1:
        return Performed({method.outputs[0].name: _labelled(returned, method.outputs[0], first)})
    made = {port: getattr(returned, port.name) for port in method.outputs}
    return Performed(
        {
            port.name: _labelled(value, port, sources[port.like] if port.like else first)
            for port, value in made.items()
            if value is not None or not port.optional
        },
        tuple(getattr(returned, "notes", ())),
    )


def _checked_inputs(method: Method, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values of the inputs by argument name."""
    names = [port.name for port in method.inputs]
    if foreign := sorted(set(inputs) - set(names)):
        raise MissingInput(f"{method.id} has no input called {foreign[0]!r}: its inputs are {', '.join(names)}")
    values: dict[str, Any] = {}
    for port in method.inputs:
        if port.name in inputs:
            values[port.name] = _checked(method, port, inputs[port.name])
        elif not port.optional:
            raise MissingInput(f"{method.id} needs the input {port.name!r}: choose a {' or '.join(port.kinds)}")
    return values


def _checked(method: Method, port: Port, given: Any) -> Any:
    """Return the plain value of what was given to a port, a tuple of them where it takes many."""
    if not port.many:
        return _checked_input(method, port, given)
    if not given:
        raise MissingInput(f"{method.id} needs at least one thing as {port.name!r}: none was given")
    return tuple(_checked_input(method, port, each) for each in given)


def _checked_input(method: Method, port: Port, given: Any) -> Any:
    """Return the plain value of one thing, or say why it does not fit."""
    if not isinstance(given, LabelledArray):
        return given
    if given.kind not in port.kinds or given.axes not in port.layouts:
        raise WrongInput(
            f"input {port.name!r} of {method.id} is a {given.kind} with axes {given.axes!r}: "
            f"it takes a {' or '.join(port.kinds)} with axes {' or '.join(port.layouts)}"
        )
    return given if port.whole else given.values


def _calibration(method: Method, inputs: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return the calibration arguments of the method, read from its inputs."""
    if not method.calibration:
        return {}
    first = inputs[method.inputs[0].name]
    known: dict[str, Callable[[LabelledArray], Any]] = {
        "angles_deg": _angles_deg,
        "pixel_size_nm": lambda array: _step_nm(array, "x"),
        "spacing_nm": lambda array: tuple(_step_nm(array, axis) for axis in array.axes),
        "seed": lambda _array: seed,
    }
    of_inputs: dict[str, Callable[[Any], Any]] = {ENERGY: _energy, NAMES: _names, UNITS: _units}
    found: dict[str, Any] = {}
    for name in method.calibration:
        ending = next((ending for ending in of_inputs if name.endswith(ending)), "")
        found[name] = of_inputs[ending](inputs.get(name.removesuffix(ending))) if ending else known[name](first)
    return found


def _angles_deg(array: LabelledArray) -> Any:
    """Return the tilt angles of a series [deg]; an image has none."""
    if "t" not in array.axes:
        return None
    if "t" not in array.coordinates:
        raise UnknownCalibration(f"the tilt angles of {array.name!r} are unknown: add them to the dataset")
    return array.coordinates["t"]


def _energy(array: LabelledArray | None) -> EnergyAxis | None:
    """Return the energy axis of spectra [eV]; None of spectra that were not given."""
    if array is None:
        return None
    if "e" not in array.coordinates:
        raise UnknownCalibration(f"the energy axis of {array.name!r} is unknown: add it to the dataset")
    try:
        return EnergyAxis.from_energies(array.coordinates["e"])
    except ReversedEnergyAxis as refusal:
        raise ReversedEnergyAxis(f"spectra {array.name!r}: {refusal}") from None


def _names(given: Any) -> Any:
    """Return what the maps of an input are called; a tuple of these for many, None for what was not given."""
    if isinstance(given, list | tuple):
        return tuple(_names(each) for each in given)
    if not isinstance(given, LabelledArray):
        return None
    if "c" not in given.axes:
        return (given.name,)
    count = given.values.shape[given.axes.index("c")]
    return given.labels.get("c") or tuple(f"{given.name} {place + 1}" for place in range(count))


def _units(given: Any) -> Any:
    """Return the unit of an input's values; a tuple of these for many, None for what was not given."""
    if isinstance(given, list | tuple):
        return tuple(_units(each) for each in given)
    return given.unit if isinstance(given, LabelledArray) else None


def _step_nm(array: LabelledArray, axis: str) -> float:
    """Return the step along an axis [nm]."""
    step = array.spacing.get(axis)
    if step is None or step.value is None or step.unit != "nm":
        raise UnknownCalibration(f"the pixel size of {array.name!r} along {axis} is unknown: add it to the dataset")
    return step.value


def _labelled(returned: Any, port: Port, first: Any) -> Output:
    """Complete one output with what its port and the first input say about it."""
    source = first if isinstance(first, LabelledArray) else LabelledArray(np.zeros(0), "x")
    if isinstance(returned, Table):
        return replace(returned, units={name: unit or source.unit for name, unit in returned.units.items()})
    if isinstance(returned, Quantity | Figure | Film):
        return returned
    array = returned
    if not isinstance(array, LabelledArray):
        axes = _layout(port, array.ndim, source.axes)
        array = LabelledArray(array, axes)
    coordinates = _kept(source.coordinates, array) | array.coordinates
    spacing = {axis: step for axis in array.axes if (step := _inherited_step(source, axis)) is not None}
    return replace(
        array,
        spacing=spacing | array.spacing,
        coordinates=coordinates,
        labels=_kept(source.labels, array) | array.labels,
        unit=port.unit or source.unit,
        kind=port.kind_of(array.axes),
        name=port.name,
    )


def _layout(port: Port, ndim: int, axes: str) -> str:
    """Return the layout of as many axes; of several, the one that is that of the input."""
    fitting = [layout for layout in port.layouts if len(layout) == ndim]
    return axes if axes in fitting else fitting[0]


def _inherited_step(source: LabelledArray, axis: str) -> Quantity | None:
    """Return the step of an axis of the first input; a volume is as finely sampled in depth as across."""
    if axis in source.axes:
        return source.spacing.get(axis)
    return source.spacing.get("x") if axis in SPATIAL_AXES else None


def _kept(places: Mapping[str, Any], array: LabelledArray) -> dict[str, Any]:
    """Return the coordinates or labels of the first input that still fit."""
    lengths = dict(zip(array.axes, array.values.shape, strict=True))
    return {axis: given for axis, given in places.items() if len(given) == lengths.get(axis)}
