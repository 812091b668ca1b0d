"""Forms made from a schema: what to ask, what was answered, what was wrong with it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError

from app.errors import Invalid, LabError
from app.portal import words
from app.portal.findings import in_words

Values = dict[str, str]
FormErrors = dict[str, str]
Schema = dict[str, Any]
M = TypeVar("M", bound=BaseModel)
LIMIT_BYTES = 256 * 1024
LOOK = "look"  # a button that asks for other choices or one more row, not for the act of the form
ROWS, MOST_ROWS = 6, 100  # rows a form offers for a list of records, and how far it can grow
ZERO_CELSIUS_K = 273.15
FAR = 1e9
_SIGNS = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}
_NAME = re.compile(r"\b[a-z][a-z0-9]*(?:_[A-Za-z0-9]+)+\b")
_SEPARATORS = re.compile(r"[\s,;]+")
_ZONED = re.compile(r"(Z|[+-]\d\d:\d\d)$")
_FOLLOW = "Check the fields marked below."


@dataclass(frozen=True)
class Field:
    """
    One question of a form.

    ``fields`` are those of a group; ``advanced`` ones are folded away; of what can be chosen there may be more
    (``has_more``) that a search finds, or of rows that are asked for, ``within`` one of the projects if one is named.
    """

    name: str
    label: str
    kind: str
    required: bool = False
    unit: str = ""
    help: str = ""
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    within: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    bounds: str = ""
    units: tuple[tuple[str, str], ...] = ()
    advanced: bool = False
    has_more: bool = False
    fields: tuple["Field", ...] = field(default=())


async def read_form(request: Request) -> Values:
    """Read an URL-encoded form; of a repeated name the last value counts."""
    if request.method != "POST":
        return {}
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LIMIT_BYTES:
            raise Invalid("The form is too long: shorten its texts.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=500, errors="strict")
    except ValueError:
        raise Invalid("The form is not URL-encoded UTF-8 text: send it from this portal's pages.") from None
    if any("\0" in name or "\0" in value for name, value in pairs):  # no database keeps it as text
        raise Invalid("The form holds a NUL: send text without it.")
    return dict(pairs)


def body_of(model: type[M], values: Values, /, **fixed: Any) -> M:
    """
    Make a request body from a form's answers, exactly as the API would take it.

    An empty answer is a field left out; ``fixed`` are fields the page knows itself.
    """
    schema = model.model_json_schema()
    record = answers(schema, schema, values) | fixed
    try:
        return model.model_validate(record)
    except ValidationError as error:
        raise refusal(error) from None


def version_of(values: Values) -> int:
    """Read the version of the object a form was made from: what changed meanwhile is not overwritten."""
    text = values.get("version", "")
    if not text.isdecimal():
        raise Invalid("The form is incomplete: reload the page.")
    return int(text[:12])


def refusal(error: ValidationError) -> Invalid:
    """Turn pydantic's findings into the refusal the API gives, without the values."""
    found = [
        {
            "pointer": "/body/" + "/".join(str(part) for part in item["loc"]),
            "detail": in_words(item),
        }
        for item in error.errors()
    ]
    return Invalid(_FOLLOW, errors=found)


def errors_of(error: LabError) -> FormErrors:
    """Map a refusal to the form's fields; what belongs to no field stands under the empty name."""
    found = {_field_name(item["pointer"]): _without_names(item["detail"]) for item in error.errors}
    return found if found else {"": error.detail}


def _without_names(detail: str) -> str:
    """Write the fields a finding names as the form calls them, as one sentence."""
    text = _NAME.sub(lambda found: words.label_and_unit(found[0])[0].lower(), detail)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _field_name(pointer: str) -> str:
    parts = [part for part in pointer.split("/") if part]
    return ".".join(parts[1:] if parts[:1] == ["body"] else parts)


def answers(schema: Schema, root: Schema, values: Values, prefix: str = "") -> dict[str, Any]:
    """Read the answers to a schema's fields; a field answered with nothing is left out."""
    record: dict[str, Any] = {}
    for name, inner in schema.get("properties", {}).items():
        part = _plain(inner, root)
        key = prefix + name
        if "anyOf" in inner and "const" in part and not values.get(key):
            continue  # the only choice of a field that may be left out is no answer
        if _is_group(part):
            value: Any = answers(part, root, values, f"{key}.")
            value = value if name in schema.get("required", ()) or _is_begun(part, value) else None
        elif options := _options(part, root):
            value = [option for option in options if values.get(f"{key}.{option}")] or None
        elif ticked := _ticked(part, key, values):
            value = ticked
        elif _is_outline(part, root):
            value = _points(values.get(key, ""))
        elif rows := _row_schema(part, root):
            value = [row for i in range(MOST_ROWS) if (row := answers(rows, root, values, f"{key}.{i}."))] or None
        else:
            value = _answer(part, key, values)
        if value is not None:
            record[name] = value
    return record


def rows_shown(name: str, values: Values) -> int:
    """Return how many rows a form shows of a list: all that were answered, and one more where one was asked for."""
    places = (key.removeprefix(f"{name}.").partition(".")[0] for key in values if key.startswith(f"{name}."))
    present = max((int(place) + 1 for place in places if place.isdecimal()), default=0)
    return min(max(ROWS, present + (values.get(LOOK) == name)), MOST_ROWS)


def _is_group(part: Schema) -> bool:
    return part.get("type") == "object" and "properties" in part


def _options(part: Schema, root: Schema) -> list[str]:
    """Return what may be ticked in a list of choices; nothing when the field is none."""
    if part.get("type") != "array":
        return []
    return [str(option) for option in _plain(part.get("items", {}), root).get("enum", ())]


def _ticked(part: Schema, key: str, values: Values) -> list[str]:
    """Return what was ticked in a list whose choices the page made, in the order of the page."""
    if part.get("type") != "array" or part.get("items", {}).get("type") != "string":
        return []
    return [name.removeprefix(f"{key}.") for name, value in values.items() if value and name.startswith(f"{key}.")]


def _is_outline(part: Schema, root: Schema) -> bool:
    """Say whether a field is a list of points."""
    return part.get("type") == "array" and _plain(part.get("items", {}), root).get("type") == "array"


def _points(text: str) -> Any:
    """Read corners, one a line: two numbers with a comma, semicolon or space between them."""
    lines = [_SEPARATORS.split(line.strip()) for line in text.splitlines() if line.strip()]
    try:
        return [[float(number.replace("−", "-")) for number in line if number] for line in lines] or None
    except ValueError:
        return text


def _row_schema(part: Schema, root: Schema) -> Schema | None:
    """Return the schema of a list's rows, when they are records."""
    rows = _plain(part.get("items", {}), root) if part.get("type") == "array" else {}
    return rows if _is_group(rows) else None


def _answer(part: Schema, key: str, values: Values) -> Any:
    text = values.get(key, "").strip()
    if "const" in part:
        return part["const"] if text in {"", str(part["const"])} else text
    if part.get("type") == "boolean":
        return text == "true" if text else None
    if not text:
        return None
    if part.get("format") == "date-time":
        return text if _ZONED.search(text) else f"{text}{values.get(f'{key}.zone', '')}"
    value = _converted(part, text)
    if values.get(f"{key}.unit") != "degC":
        return value
    items = value if isinstance(value, list) else [value]
    kelvin = [round(item + ZERO_CELSIUS_K, 6) if isinstance(item, float) else item for item in items]
    return kelvin if isinstance(value, list) else kelvin[0]


def _is_begun(group: Schema, record: dict[str, Any]) -> bool:
    """Say whether anything of a group was answered; a default that the form showed is no answer."""
    inner = group.get("properties", {})
    return any(
        value not in (inner[name].get("default"), _spoken(inner[name].get("default"))) for name, value in record.items()
    )


def _spoken(default: Any) -> str:
    return str(default).lower()


def _converted(part: Schema, text: str) -> Any:
    """Read a number, choice or list; text that is none stays text, and the schema names the fault."""
    kinds = {part.get("type")} | {type(item).__name__ for item in part.get("enum", ())}
    try:
        if kinds & {"integer", "int"}:
            return int(text)
        if kinds & {"number", "float"}:
            return float(text.replace("−", "-"))
        if part.get("type") in {"array", "object"}:
            return json.loads(text) if text[:1] in "[{" else [_item(part, item.strip()) for item in text.split(",")]
    except (ValueError, RecursionError):  # brackets without end are no list
        return text
    return text


def _item(part: Schema, text: str) -> Any:
    kind = part.get("items", {}).get("type")
    return int(text) if kind == "integer" else float(text.replace("−", "-")) if kind == "number" else text


def fields_of(schema: Schema, *, leave_out: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    """Describe the fields of an object's schema, in its order."""
    return _fields(schema, schema, "", leave_out)


def group_of(schema: Schema, name: str) -> tuple[Field, ...]:
    """Describe the fields of one group of an object's schema; none when it has no such group."""
    return next((group.fields for group in fields_of(schema) if group.name == name), ())


def sectioned(
    fields: tuple[Field, ...], sections: Mapping[str, Sequence[str]], rest: str = "Parameters"
) -> list[tuple[str, list[Field]]]:
    """Put fields under the headings that name them, in the headings' order; those nobody names come first."""
    by_name = {field.name.rpartition(".")[2]: field for field in fields}
    named = {name for names in sections.values() for name in names}
    first = [field for name, field in by_name.items() if name not in named]
    found = [(title, [by_name[name] for name in names if name in by_name]) for title, names in sections.items()]
    return [(title, part) for title, part in [(rest, first), *found] if part]


def text_of(value: Any) -> str:
    """Write a value as a form sends it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields(schema: Schema, root: Schema, prefix: str, leave_out: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        _field(prefix + name, inner, root, required=name in required)
        for name, inner in schema.get("properties", {}).items()
        if name not in leave_out
    )


def _field(name: str, inner: Schema, root: Schema, *, required: bool) -> Field:
    part = _plain(inner, root)
    label, unit = words.label_and_unit(name.rpartition(".")[2])
    shown: dict[str, Any] = {
        "name": name,
        "label": _own_title(inner, name) or label,
        "required": required,
        "help": inner.get("description") or part.get("description") or "",
        "default": inner.get("default", part.get("default")),
        "unit": inner.get("unit") or part.get("unit") or unit,
        "advanced": bool(inner.get("advanced")),
    }
    if _is_group(part):
        return Field(**shown, kind="group", fields=_fields(part, root, f"{name}."))
    if options := _options(part, root):
        return Field(**shown, kind="ticks", choices=tuple((option, option) for option in options))
    if _is_outline(part, root):
        return Field(**shown, kind="outline")
    if rows := _row_schema(part, root):
        return Field(**shown, kind="rows", fields=_fields(rows, root, ""))
    return Field(
        **shown,
        kind=_kind(part),
        choices=tuple((str(item), str(item)) for item in part.get("enum", ())),
        minimum=part.get("minimum", part.get("exclusiveMinimum")),
        maximum=part.get("maximum", part.get("exclusiveMaximum")),
        bounds=_bounds(part),
        units=(("K", "K"), ("degC", "°C")) if name.endswith("temperature_K") else (),
    )


def _own_title(inner: Schema, name: str) -> str | None:
    """Return a title somebody wrote; pydantic makes one of the name otherwise."""
    title: str | None = inner.get("title")
    made = name.rpartition(".")[2].replace("_", " ").title()
    return None if title is None or title == made else title


def _plain(inner: Schema, root: Schema) -> Schema:
    """Follow references and drop the null of an optional field."""
    part = inner
    for _ in range(8):
        if "$ref" in part:
            part = root["$defs"][part["$ref"].rpartition("/")[2]]
        elif "anyOf" in part:
            part = next((option for option in part["anyOf"] if option.get("type") != "null"), {})
        elif "allOf" in part:
            part = part["allOf"][0]
        else:
            break
    return part


def _kind(part: Schema) -> str:
    if "const" in part:
        return "fixed"
    if "enum" in part:
        return "choice"
    if part.get("format") == "date-time":
        return "instant"
    if part.get("format") == "password":
        return "password"
    if part.get("type") == "string" and part.get("maxLength", 0) > 1000:
        return "longtext"
    return {"integer": "integer", "number": "number", "boolean": "flag", "array": "list", "object": "list"}.get(
        part.get("type", ""), "text"
    )


def _bounds(part: Schema) -> str:
    """Say in words which numbers are taken; a limit no measurement comes near is left unsaid."""
    kept = {key: limit for key in _SIGNS if (limit := part.get(key)) is not None and abs(limit) < FAR}
    if {"minimum", "maximum"} <= kept.keys():
        return f"{words.number(kept['minimum'])} to {words.number(kept['maximum'])}"
    return ", ".join(f"{_SIGNS[key]} {words.number(limit)}" for key, limit in kept.items())
