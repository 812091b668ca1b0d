"""Names say what things are, and bodies of requests take nothing but what they name."""

import importlib
import pkgutil
import typing
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel, Strict

import app.lab
from app.lab.schemas import Body
from tests.house.source import ROOT, place, python_files

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "tools"}
ROOM = {"__init__", "endpoints", "service", "repository", "schemas"}


def bodies() -> list[type[Body]]:
    """Return every request body of every room."""
    for module in pkgutil.walk_packages(app.lab.__path__, "app.lab."):
        importlib.import_module(module.name)

    def below(kind: type[Body]) -> list[type[Body]]:
        return [kind, *(each for child in kind.__subclasses__() for each in below(child))]

    return [kind for kind in below(Body) if kind is not Body]


def loose(kind: Any, metadata: tuple[Any, ...] = ()) -> list[str]:
    """Name the numbers and booleans within a type that would take "5" or 1 for one."""
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        return loose(inner, (*metadata, *more))
    if kind in {int, float, bool}:
        return [] if any(isinstance(part, Strict) and part.strict for part in metadata) else [str(kind)]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [f"{kind.__name__}.{name}" for name in loose_fields(kind)]
    if get_origin(kind) is typing.Literal:
        return []
    return [found for part in get_args(kind) for found in loose(part, metadata)]


def loose_fields(kind: type[BaseModel]) -> list[str]:
    """Name a model's fields that are not strict."""
    if kind.model_config.get("strict"):
        return []
    return [name for name, field in kind.model_fields.items() if loose(field.annotation, tuple(field.metadata))]


@pytest.mark.parametrize("kind", bodies(), ids=lambda kind: kind.__name__)
def test_a_body_takes_strict_numbers_and_no_unknown_field(kind):
    assert kind.model_config["extra"] == "forbid"
    assert not loose_fields(kind)


def test_no_module_has_an_empty_name():
    named = [path for path in python_files() if EMPTY_WORDS & {path.stem, *path.relative_to(ROOT).parts}]
    assert not [place(path) for path in named if "numerics" not in path.parts]


def test_queries_live_in_repositories_and_http_in_endpoints():
    found = []
    for path in python_files("app/lab"):
        room, text = path.parent.name, path.read_text()
        if room == "doors" or path.parent.name == "lab":
            continue
        if "from fastapi" in text and path.stem not in {"endpoints", "route", "streaming"}:
            found.append(f"{place(path)} speaks HTTP")
        if "from sqlalchemy import" in text and path.stem != "repository":
            found.append(f"{place(path)} queries")
    assert not found
