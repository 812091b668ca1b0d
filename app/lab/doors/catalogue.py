"""Every problem the service may answer with: read from the error tree, so that none is forgotten."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import NamedTuple

import app.lab
from app.errors import LabError
from lithoscope.errors import ScienceError

_HEAD = """# Problems

Every error is an RFC 9457 document of media type `application/problem+json`. Clients branch on `type`, which is
`/problems/` and one of the codes below; `title` and `detail` are words for people and may change. `errors` lists the
fields at fault by JSON pointer, `request_id` leads to the service's log. What was sent is never repeated.

This page is written from the code: `python -m app.lab.doors.catalogue > docs/problems.md`.

## Answers of the API

| code | status | when |
|---|---|---|
"""
_SCIENCE = """
## Refusals by the library

These end jobs (`problem` of a job) and reject datasets (`problem` of a dataset); the upload itself was accepted,
because bytes are evidence. A reader's refusal carries one of the codes of its own, such as `truncated-file`,
`external-reference`, `too-large` or `compression-ratio`.

| code | when |
|---|---|
"""


class Problem(NamedTuple):
    """One row of the catalogue."""

    code: str
    status: int | None
    meaning: str


def _import_everything() -> None:
    for package in (app.lab, importlib.import_module("lithoscope")):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("lithoscope.client"):
                importlib.import_module(module.name)


def _tree(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


def _rows(root: type[LabError] | type[ScienceError]) -> list[Problem]:
    found: dict[str, Problem] = {}
    for kind in _tree(root):
        code = vars(kind).get("code")
        is_ours = kind.__module__.startswith(("app.", "lithoscope."))  # not a test's, nor a facility's own method's
        if isinstance(code, str) and code not in found and is_ours:
            meaning = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")
            found[code] = Problem(code, getattr(kind, "status", None), meaning)
    return [found[code] for code in sorted(found)]


def problems() -> list[Problem]:
    """Return the API's problems by code."""
    _import_everything()
    return _rows(LabError)


def known(code: str) -> Problem | None:
    """Return the problem with a code, as far as the rooms that are open have it."""
    return next((row for row in _rows(LabError) if row.code == code), None)


def page() -> str:
    """Return docs/problems.md."""
    api = "".join(f"| `{row.code}` | {row.status} | {row.meaning} |\n" for row in problems())
    science = "".join(f"| `{row.code}` | {row.meaning} |\n" for row in _rows(ScienceError))
    return _HEAD + api + _SCIENCE + science


if __name__ == "__main__":
    print(page(), end="")
