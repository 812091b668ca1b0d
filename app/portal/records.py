"""Filling a form with what a record says, for corrections and changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.portal.forms import Values


def values_of(record: Mapping[str, Any]) -> Values:
    """
    Write a record as the answers of a form: nested names joined by dots, rows numbered, outlines one corner a line.

    Instants stand in UTC and say so, as the plain form takes them.
    """
    values: Values = {}
    for name, value in record.items():
        values |= _answer(name, value)
    return values


def _answer(name: str, value: Any) -> Values:
    if value is None:
        return {}
    if isinstance(value, datetime):
        fine = f".{value.microsecond // 1000:03d}" if value.microsecond else ""
        return {name: f"{value:%Y-%m-%dT%H:%M:%S}{fine}", f"{name}.is_utc": "true"}
    if isinstance(value, Mapping):
        return {f"{name}.{key}": text for key, text in values_of(value).items()}
    if isinstance(value, list):
        return _listed(name, value)
    if isinstance(value, bool):
        return {name: str(value).lower()}
    return {name: f"{value:.12g}" if isinstance(value, float) else str(value)}


def _listed(name: str, items: list[Any]) -> Values:
    if items and all(isinstance(item, list) for item in items):
        return {name: "\n".join(", ".join(f"{number:.12g}" for number in item) for item in items)}
    if items and all(isinstance(item, Mapping) for item in items):
        return {f"{name}.{i}.{key}": text for i, item in enumerate(items) for key, text in values_of(item).items()}
    ticks = {f"{name}.{item}": "true" for item in items}
    return {name: ", ".join(str(item) for item in items), **ticks}
