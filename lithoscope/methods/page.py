"""The documentation page of a method, written from its declaration."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from lithoscope.methods.base import Method, Port

_BOUNDS = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}


def page(method: Method) -> str:
    """
    Render the Markdown page of a method.

    Everything on it comes from the METHOD, so the page cannot say anything the service does not do.
    """
    return "\n".join([*_head(method), *_ports(method), *_params(method), *_call(method)]) + "\n"


def _head(method: Method) -> Iterator[str]:
    yield f"# {method.title}"
    yield ""
    yield f"`{method.id}`, version {method.version}, queue `{method.queue}`, computed by `{method.compute}`."
    yield ""
    yield f"Reference: {method.reference}"
    yield ""


def _ports(method: Method) -> Iterator[str]:
    for heading, ports in (("Inputs", method.inputs), ("Outputs", method.outputs)):
        yield f"## {heading}"
        yield ""
        yield "| name | what | kind | axes | unit |"
        yield "|---|---|---|---|---|"
        yield from (_port(port) for port in ports)
        yield ""


def _port(port: Port) -> str:
    name = f"`{port.name}`" + (" (optional)" if port.optional else "") + (" (one or more)" if port.many else "")
    axes = ", ".join(layout for layout in port.layouts if layout)
    return _row(name, port.title, ", ".join(port.kinds), axes, port.unit)


def _params(method: Method) -> Iterator[str]:
    schema = method.params.model_json_schema()
    yield "## Parameters"
    yield ""
    yield cleandoc(method.params.__doc__ or "")
    yield ""
    properties: dict[str, Any] = schema.get("properties", {})
    if not properties:
        return
    required = schema.get("required", [])
    yield "| name | what | default | allowed | unit |"
    yield "|---|---|---|---|---|"
    for name, declared in properties.items():
        what = ": ".join(words for words in (declared.get("title", ""), declared.get("description", "")) if words)
        default = "required" if name in required else f"`{_plain(declared.get('default'))}`"
        yield _row(f"`{name}`", what, default, _allowed(declared), declared.get("unit", ""))
    yield ""


def _allowed(declared: dict[str, Any]) -> str:
    options = declared.get("anyOf", [declared])
    said: list[str] = []
    for option in options:
        if option.get("type") == "null":
            said.append("empty")
        elif "enum" in option:
            said.extend(f"`{_plain(value)}`" for value in option["enum"])
        else:
            bounds = [f"{sign} {option[key]:g}" for key, sign in _BOUNDS.items() if key in option]
            said.append(" ".join([option.get("type", "value"), *bounds]))
    return ", ".join(said)


def _call(method: Method) -> Iterator[str]:
    inputs = ", ".join(f'"{port.name}": {_reference(port)}' for port in method.inputs if not port.optional)
    yield "## Running it"
    yield ""
    yield "```http"
    yield "POST /api/v1/jobs"
    yield ""
    yield f'{{"method": "{method.id}", "inputs": {{{inputs}}}, "params": {{}}}}'
    yield "```"


def _reference(port: Port) -> str:
    reference = '"exp_..."' if "exposure" in port.kinds else '"ds_.../name"'
    return f"[{reference}]" if port.many else reference


def _plain(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
