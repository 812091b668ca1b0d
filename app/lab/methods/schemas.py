"""What a method looks like from outside."""

from inspect import cleandoc
from typing import Any

from app.lab.schemas import Out
from lithoscope.methods import Method, Port


class PortOut(Out):
    """One input or output: the kinds and axis layouts that fit."""

    name: str
    title: str
    kinds: list[str]
    axes: list[str]
    unit: str
    optional: bool
    many: bool

    @classmethod
    def of(cls, port: Port) -> "PortOut":
        """Describe a port."""
        return cls(
            name=port.name,
            title=port.title or port.name.replace("_", " "),
            kinds=list(port.kinds),
            axes=[layout for layout in port.layouts if layout],
            unit=port.unit,
            optional=port.optional,
            many=port.many,
        )


class MethodOut(Out):
    """An analysis; `params_schema` is JSON Schema whose properties carry `unit`."""

    id: str
    version: str
    title: str
    description: str
    reference: str
    technique: str
    queue: str
    inputs: list[PortOut]
    outputs: list[PortOut]
    params_schema: dict[str, Any]

    @classmethod
    def of(cls, method: Method) -> "MethodOut":
        """Describe a method."""
        return cls(
            id=method.id,
            version=method.version,
            title=method.title,
            description=cleandoc(method.params.__doc__ or ""),
            reference=method.reference,
            technique=method.technique,
            queue=method.queue,
            inputs=[PortOut.of(port) for port in method.inputs],
            outputs=[PortOut.of(port) for port in method.outputs],
            params_schema=method.params.model_json_schema(),
        )
