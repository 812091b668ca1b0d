"""What a method is: one declaration from which API, form, client, documentation and worker all derive."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

T = TypeVar("T")
QueueClass = Literal["io", "cpu-short", "cpu-long", "gpu"]
Technique = Literal[
    "tilt_series", "tomography", "eds", "eels", "particles", "images", "beam", "electrochemistry", "figures", "other",
]  # fmt: skip
PortKind = Literal[
    "image", "tilt_series", "stack", "volume", "labels", "spectra", "table", "scalar", "exposure",
    "figure", "film",
]  # fmt: skip


Presets = Mapping[str, Mapping[str, Any]]
PRESET = "preset"


class Params(BaseModel):
    """
    Base of every method's parameters: strict numbers, no unknown names, immutable.

    A class with `presets` has a field ``preset`` that names one of them: fields that the caller leaves empty take the
    numbers of that preset, so that a run's record always holds the numbers themselves. `advanced` names the fields
    that few people change: forms fold them away, and their schema says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    presets: ClassVar[Presets] = {}
    advanced: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say of each advanced field that it is."""
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name in cls.advanced & properties.keys():
            properties[name]["advanced"] = True
        return schema

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: Any) -> Any:
        """Fill what was left empty from the preset; a preset that is none is the field's own fault to name."""
        if not cls.presets or not isinstance(given, dict):
            return given
        name = given.get(PRESET, cls.model_fields[PRESET].default)
        chosen = cls.presets.get(name, {}) if isinstance(name, str) else {}
        return {**given, **{field: value for field, value in chosen.items() if given.get(field) is None}}

    def arguments(self) -> dict[str, Any]:
        """Return what the method's function is called with: every field but the name of the preset."""
        return self.model_dump(exclude={PRESET})


def quantity(default: Any, *, unit: str, title: str, help: str = "", **bounds: Any) -> Any:  # noqa: A002 - the word of the form
    """
    Declare a number with a unit.

    Parameters
    ----------
    default : float, int or None
        Value when the caller says nothing; Ellipsis makes the parameter required.
    unit : str
        Unit shown in form, documentation and run record ("1" for pure numbers).
    title, help : str
        Label and explanation of the form field.
    **bounds
        Pydantic constraints: ``gt``, ``ge``, ``lt``, ``le``.
    """
    return Field(default, title=title, description=help or None, json_schema_extra={"unit": unit}, **bounds)


def preset_quantity(name: str, presets: Presets, *, unit: str, title: str, help: str = "", **bounds: Any) -> Any:  # noqa: A002 - the word of the form
    """
    Declare a number that a preset gives where the caller does not; the form tells each preset's.

    Parameters
    ----------
    name : str
        Name of the field.
    presets : mapping of str to mapping
        The presets of its class.
    unit, title, help, **bounds
        As for `quantity`.
    """
    values = ", ".join(f"{values[name]:g} ({preset})" for preset, values in presets.items())
    return quantity(None, unit=unit, title=title, help=f"{help} Left empty: {values}.".strip(), **bounds)


def choice(default: Any, *, title: str, help: str = "") -> Any:  # noqa: A002 - the word of the form
    """Declare a switch or one of several named values (a bool or Literal annotation)."""
    return Field(default, title=title, description=help or None)


@dataclass(frozen=True, slots=True)
class Port:
    """
    One input or output of a method.

    Parameters
    ----------
    name : str
        Name of the argument that receives it, or of the field of the returned record.
    kind : PortKind or tuple of PortKind
        What fits; an input picker offers only these (see `kinds`). An output has one kind, or one for each layout.
    axes : str or tuple of str
        Axis letters, as in `LabelledArray`, or each allowed layout (see `layouts`); empty for tables, scalars and
        exposures. An output of several layouts has the one with as many axes as its values.
    unit : str
        Unit of the values or of the scalar; empty where an output keeps the unit of the first input, or an input
        takes any.
    optional : bool
        The input may be left out; its argument then keeps its default. An output may be absent: None.
    title : str
        Words for form and result page.
    like : str
        Input whose spacing, unit, coordinates and labels an output takes over; empty for the first. Of an input of
        many it is the first of them.
    many : bool
        The input takes a list of things, one at least; its argument is the tuple of their values.
    whole : bool
        The argument is the `LabelledArray` itself, with coordinates and name, instead of its values alone.
    """

    name: str
    kind: PortKind | tuple[PortKind, ...]
    axes: str | tuple[str, ...] = ""
    unit: str = "1"
    optional: bool = False
    title: str = ""
    like: str = ""
    many: bool = False
    whole: bool = False

    @property
    def kinds(self) -> tuple[PortKind, ...]:
        """Every kind that fits."""
        return self.kind if isinstance(self.kind, tuple) else (self.kind,)

    @property
    def layouts(self) -> tuple[str, ...]:
        """Every axis layout that fits."""
        return self.axes if isinstance(self.axes, tuple) else (self.axes,)

    def kind_of(self, axes: str) -> PortKind:
        """Return the kind that an output of this layout is."""
        return self.kinds[0] if len(self.kinds) == 1 else self.kinds[self.layouts.index(axes)]


def listed(given: T | list[T] | tuple[T, ...]) -> tuple[T, ...]:
    """Return what was given to a port as a tuple, whether it takes one thing or many."""
    return tuple(given) if isinstance(given, list | tuple) else (given,)


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """
    A registered analysis.

    Parameters
    ----------
    id : str
        snake_case, never reused.
    version : str
        Rises when the method's numbers change.
    title, reference : str
        Words for people, and the paper or standard it follows.
    inputs, outputs : tuple of Port
        An output port named like a field of the returned record; a method with one output returns it bare. A record
        may also have ``notes``, sentences that a person should read beside the result: they become its warnings.
        A bare array takes spacing and tilt angles from the first input; a spatial axis the input lacks takes the step
        of its x. A returned `LabelledArray` keeps what it states and is completed in the same way.
    params : type of Params
        The parameter schema.
    compute : str
        ``"module:function"`` in numerics or rules.
    calibration : tuple of str
        Arguments filled from the first input: ``angles_deg`` (coordinates of axis t), ``pixel_size_nm``
        (float step of axis x, the job is refused if unknown), ``spacing_nm`` (tuple of float, the step of every axis
        of the first input, refused likewise), ``seed`` (the job's seed). ``<input>_energy`` is the `EnergyAxis` of
        axis e of that input, refused likewise; None for an optional input that is absent. ``<input>_names`` is the
        tuple of names along axis c of that input, or its own name where it has no such axis; of an input of many, a
        tuple of these. ``<input>_units`` is the unit of its values in the same way.
    queue : QueueClass
        Which workers take it.
    settles : tuple of str
        Codes of warnings about its inputs that no longer hold of its result.
    presumes : tuple of str
        Codes of warnings about its inputs that make its numbers wrong: who asks for a run is told before it starts.
    example : str
        ``"module:function"`` returning the inputs by port name and calibration by argument name for a small phantom;
        run by the contract test and to warm the kernel cache.
    technique : Technique
        What it is for: lists of methods are grouped by it.
    sections : mapping of str to sequence of str
        Headings of the form, each with the names of its parameters; those nobody names stand first.
    """

    id: str
    version: str
    title: str
    reference: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    params: type[Params]
    compute: str
    example: str
    calibration: tuple[str, ...] = ()
    queue: QueueClass = "cpu-short"
    settles: tuple[str, ...] = ()
    presumes: tuple[str, ...] = ()
    technique: Technique = "other"
    sections: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def port(self, name: str) -> Port:
        """Return the input port of that name."""
        return next(port for port in self.inputs if port.name == name)


@cache
def catalogue(extra: tuple[str, ...] = ()) -> Mapping[str, Method]:
    """
    Collect the METHOD of every module of this package, by id.

    Parameters
    ----------
    extra : tuple of str
        Further modules with a METHOD: a facility's own methods (setting ``extra_methods``).
    """
    import lithoscope.methods as package

    return declared_in(package, "METHOD", extra)


def declared_in(package: ModuleType, name: str, extra: tuple[str, ...]) -> dict[str, Any]:
    """
    Collect what the modules of a package declare under one name, by id and in its order.

    Parameters
    ----------
    package : module
        Modules of it that declare nothing are passed over.
    name : str
        ``"METHOD"``.
    extra : tuple of str
        Further modules.

    Raises
    ------
    RuntimeError
        Two declare the same id.
    """
    found: dict[str, Any] = {}
    ours = [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    for module in (*ours, *extra):
        declared = getattr(importlib.import_module(module), name, None)
        if declared is None:
            continue
        if declared.id in found:
            raise RuntimeError(f"two {name.lower()}s are called {declared.id!r}")
        found[declared.id] = declared
    return dict(sorted(found.items()))


def resolve(target: str) -> Any:
    """Import the object named ``"module:attribute"``."""
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)
