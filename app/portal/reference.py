"""
The API's description as pages: what may be asked, with which fields, and what is answered.

Made from the same OpenAPI document that programs read, so a page cannot say anything else than the service does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Any

from app.portal import words

PREFIX = "/api/v1/"
VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matching {}",
}
_PHRASES = {str(status.value): status.phrase for status in HTTPStatus}
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """
    What a value is.

    Parameters
    ----------
    text : str
        In words.
    links : tuple of (word, schema name)
        Schemas the value may be of.
    """

    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body, or one parameter of an address."""

    name: str
    kind: Kind
    is_required: bool
    unit: str
    description: str
    bounds: str
    default: Any
    place: str = "body"


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an operation answers with, in its standard's words."""

    status: str
    phrase: str
    kinds: tuple[tuple[str, Kind], ...]


@dataclass(frozen=True)
class Operation:
    """One thing that may be asked of the service."""

    id: str
    verb: str
    path: str
    about: Mapping[str, Any]

    @property
    def room(self) -> str:
        """Return the room it belongs to: the first word of its address."""
        return self.path.removeprefix(PREFIX).strip("/").split("/")[0].partition("{")[0]

    @property
    def summary(self) -> str:
        """Return the first sentence of its description."""
        return str(self.about.get("description", "")).partition("\n")[0]

    @property
    def parameters(self) -> list[Field]:
        """Return what stands in its address and headers."""
        return [_parameter(each) for each in self.about.get("parameters", ())]

    @property
    def bodies(self) -> list[tuple[str, Kind, list[Field]]]:
        """Return media type, kind and fields of each body it takes."""
        content = self.about.get("requestBody", {}).get("content", {})
        return [
            (media, kind_of(each.get("schema", {})), fields_of(each.get("schema", {})))
            for media, each in content.items()
        ]

    @property
    def answers(self) -> list[Answer]:
        """Return what it may answer, by status."""
        return [
            Answer(status, _PHRASES.get(status, each.get("description", "")), tuple(_kinds(each)))
            for status, each in self.about["responses"].items()
        ]


def _parameter(about: Document) -> Field:
    is_required = about.get("required", False)
    return field_of(about["name"], about.get("schema", {}), is_required=is_required, place=about["in"], about=about)


def _kinds(answer: Document) -> Iterator[tuple[str, Kind]]:
    for media, each in answer.get("content", {}).items():
        yield media, kind_of(each.get("schema", {}))


def operations(document: Document) -> list[Operation]:
    """Return every operation, in the order of the addresses."""
    return [
        Operation(about["operationId"], verb, path, about)
        for path, verbs in sorted(document["paths"].items())
        for verb, about in verbs.items()
        if verb in VERBS
    ]


def rooms(document: Document) -> list[tuple[str, list[Operation]]]:
    """Group the operations by room."""
    ordered = sorted(operations(document), key=lambda each: (each.room, each.path))
    return [(room, list(members)) for room, members in groupby(ordered, key=lambda each: each.room)]


def fields_of(schema: Document) -> list[Field]:
    """Return the fields of an object; none for anything else."""
    required = schema.get("required", ())
    return [field_of(name, each, is_required=name in required) for name, each in schema.get("properties", {}).items()]


def field_of(
    name: str, schema: Document, *, is_required: bool, place: str = "body", about: Document | None = None
) -> Field:
    """Describe one field; a nullable one by what it is when it is given."""
    stated = _given(schema)
    said = (about or {}).get("description") or schema.get("description") or stated.get("description") or ""
    bounds = ", ".join(text.format(_written(stated[key])) for key, text in _BOUNDS.items() if key in stated)
    unit = str(schema.get("unit") or stated.get("unit") or "")
    return Field(name, kind_of(schema), is_required, unit, str(said), bounds, schema.get("default"), place)


def _written(bound: Any) -> str:
    return bound if isinstance(bound, str) else words.number(bound)


def _given(schema: Document) -> Document:
    options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return options[0] if len(options) == 1 else schema


def kind_of(schema: Document) -> Kind:
    """Say what a value is, with the schemas it may be of."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return Kind("", ((name, name),))
    for key, word in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " with ")):
        if key in schema:
            return _joined([kind_of(each) for each in schema[key]], word)
    if "const" in schema or "enum" in schema:
        return Kind(" | ".join(repr(each) for each in schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        inner = kind_of(schema.get("items", {}))
        return Kind(f"list of {inner.text}".rstrip(), inner.links)
    if isinstance(schema.get("additionalProperties"), Mapping):
        inner = kind_of(schema["additionalProperties"])
        return Kind(f"names with {inner.text}".rstrip(), inner.links)
    return Kind(" ".join(str(schema[key]) for key in ("type", "format") if key in schema) or "anything")


def _joined(kinds: Sequence[Kind], word: str) -> Kind:
    texts = dict.fromkeys(kind.text for kind in kinds if kind.text)
    return Kind(word.join(texts), tuple(link for kind in kinds for link in kind.links))
