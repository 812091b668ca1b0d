"""Every declared method keeps the contract that form, API, documentation and worker rely on."""

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from lithoscope.arrays import LabelledArray, Table
from lithoscope.figures import Figure, Film
from lithoscope.methods import Method, catalogue, resolve
from lithoscope.methods.base import PRESET
from lithoscope.units import UNITS, Quantity

METHODS = list(catalogue().values())
CALIBRATION = {"angles_deg", "pixel_size_nm", "spacing_nm", "seed"}


@pytest.fixture(scope="module", params=METHODS, ids=lambda method: method.id)
def method(request) -> Method:
    return request.param


@dataclass(frozen=True)
class Run:
    """The example of a method as its computation left it, and what came out."""

    example: dict[str, Any]
    returned: Any


@pytest.fixture(scope="module")
def run(method) -> Run:
    return run_of(method)


def run_of(method: Method) -> Run:
    """Run a method on its example with the defaults."""
    example = resolve(method.example)()
    return Run(example, resolve(method.compute)(**example, **method.params().arguments()))


def test_every_argument_is_a_port_a_calibration_or_a_parameter(method):
    arguments = set(inspect.signature(resolve(method.compute)).parameters) - {"progress"}
    ports = {port.name for port in method.inputs}
    assert arguments == ports | set(method.calibration) | (set(method.params.model_fields) - {PRESET})
    energies = {f"{port.name}_energy" for port in method.inputs if "spectra" in port.kinds}
    words = {f"{port.name}{ending}" for port in method.inputs for ending in ("_names", "_units")}
    assert set(method.calibration) <= CALIBRATION | energies | words


def test_only_optional_inputs_have_a_default(method):
    parameters = inspect.signature(resolve(method.compute)).parameters
    assert {port.name for port in method.inputs if port.optional} == {
        port.name for port in method.inputs if parameters[port.name].default is not inspect.Parameter.empty
    }


def test_example_runs_with_the_defaults_and_gives_exactly_the_declared_outputs(method, run):
    example, returned = run.example, run.returned
    if len(method.outputs) == 1:
        outputs = {method.outputs[0].name: returned}
    else:
        outputs = {name: getattr(returned, name) for name in _fields(returned) if name != "notes"}
        assert list(outputs) == [port.name for port in method.outputs]
    for port in method.outputs:
        if outputs[port.name] is not None or not port.optional:
            _assert_fits(port, outputs[port.name], valid=outputs.get("valid", example.get("particle")))


def _fields(record) -> list[str]:
    return list(getattr(record, "_fields", None) or record.__dataclass_fields__)


def _assert_fits(port, value, *, valid=None) -> None:
    """An array is finite, at least where the result says that it is valid, or in the particle it is about."""
    if port.kinds == ("scalar",):
        assert isinstance(value, Quantity)
        assert value.unit == port.unit
    elif port.kinds == ("figure",):
        assert isinstance(value, Figure)
        assert value.caption
    elif port.kinds == ("film",):
        assert isinstance(value, Film)
        assert value.caption
    elif port.kinds == ("table",):
        assert isinstance(value, Table)
    else:
        values = value.values if isinstance(value, LabelledArray) else value
        assert values.ndim in {len(layout) for layout in port.layouts}
        labels = np.asarray(getattr(valid, "values", valid))
        where = labels > 0 if labels.ndim and labels.shape == values.shape[-labels.ndim :] else np.ones((), bool)
        assert np.isfinite(values[..., where]).all()


def test_example_is_not_modified(method, run):
    again = resolve(method.example)()
    for name, value in run.example.items():
        np.testing.assert_equal(_plain(value), _plain(again[name]))


def test_same_input_gives_the_same_numbers(method, run):
    np.testing.assert_equal(_plain(run.returned), _plain(run_of(method).returned))


def _plain(returned):
    if isinstance(returned, LabelledArray):
        return returned.values
    return tuple(map(_plain, returned)) if isinstance(returned, tuple) else returned


def test_every_parameter_explains_itself(method):
    for name, field in method.params.model_fields.items():
        assert field.title, name
        unit = (field.json_schema_extra or {}).get("unit")
        assert unit is None or unit in UNITS, name
    assert method.params.__doc__


def test_what_is_called_advanced_is_a_parameter_that_may_be_left_alone(method):
    fields = method.params.model_fields
    assert method.params.advanced <= fields.keys()
    assert not any(fields[name].is_required() for name in method.params.advanced)
    properties = method.params.model_json_schema().get("properties", {})
    assert {name for name, said in properties.items() if said.get("advanced")} == method.params.advanced


def test_every_preset_fills_every_field_it_names_and_runs(method):
    for preset in method.params.presets:
        filled = method.params(preset=preset)
        assert method.params.presets[preset].items() <= dict(filled).items()
        assert method.params.model_validate_json(filled.model_dump_json()) == filled


def test_words_are_there_for_people(method):
    assert method.title
    assert method.reference
    assert all(port.title for port in (*method.inputs, *method.outputs))
    assert all(len(port.kinds) in {1, len(port.layouts)} for port in method.outputs)
    assert method.id == method.params.__module__.rpartition(".")[2]
