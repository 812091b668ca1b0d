"""Many settings in one record, offered one by one to who calls a function."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

R = TypeVar("R")


def with_settings(record: type) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """
    Let a function that takes ``settings`` of a dataclass be called with the record's fields as keywords.

    The signature tells them one by one, so that whoever matches arguments by name, as methods do, finds all of them.

    Parameters
    ----------
    record : type
        A dataclass.
    """
    names = [field.name for field in fields(record)]

    def decorated(function: Callable[..., R]) -> Callable[..., R]:
        own = inspect.signature(function)
        kept = [parameter for parameter in own.parameters.values() if parameter.name != "settings"]
        spread = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]

        @functools.wraps(function)
        def called(*arrays: Any, **keywords: Any) -> R:
            settings = record(**{name: keywords.pop(name) for name in names if name in keywords})
            return function(*arrays, settings=settings, **keywords)

        called.__signature__ = own.replace(parameters=[*kept, *spread])  # type: ignore[attr-defined]
        return called

    return decorated
