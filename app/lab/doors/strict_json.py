"""JSON as RFC 8259 means it: no NaN, no duplicate names, no lone surrogates, no depth without end."""

import json
import math
from typing import Any, NoReturn

from app.errors import LabError

MAX_DEPTH = 64
MAX_DIGITS = 400


class MalformedJson(LabError):
    """The body is not JSON."""

    code, status, title = "malformed-json", 400, "Malformed JSON"


class MalformedText(LabError):
    """The body holds text no database can keep."""

    code, status, title = "malformed-text", 422, "Malformed text"


class NotFinite(LabError):
    """NaN, Infinity or a number beyond the range of a double."""

    code, status, title = "not-finite", 422, "Number is not finite"


def parse(body: bytes) -> Any:
    """Parse a request body strictly."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedText("The body is not UTF-8: send JSON encoded as UTF-8.") from None
    if _depth(text) > MAX_DEPTH:
        raise MalformedJson(f"The body is nested deeper than {MAX_DEPTH} levels: flatten it.")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise MalformedJson(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    _check_text(value)
    return value


def _depth(text: str) -> int:
    """Count brackets outside strings, without recursion."""
    depth = deepest = 0
    in_string = escaped = False
    for mark in text:
        if in_string:
            in_string = escaped or mark != '"'
            escaped = mark == "\\" and not escaped
        elif mark == '"':
            in_string = True
        elif mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise MalformedJson("An object names a field twice: send each field once.")
    return record


def _constant(_name: str) -> NoReturn:
    raise NotFinite("NaN and Infinity are not numbers here: leave the field out.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotFinite("A number is beyond the range of a double: check its exponent.")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise MalformedJson(f"An integer has more than {MAX_DIGITS} digits.")
    return int(text)


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= mark <= "\udfff" for mark in value):
            raise MalformedText("A text holds a NUL or half a surrogate pair: send whole Unicode characters.")
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_text(name)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
