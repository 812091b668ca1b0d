"""The protocols of the papers, which come with the library as tables."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from lithoscope.rules.protocol_documents import read_protocol
from lithoscope.rules.protocols import Protocol


@cache
def shipped_documents() -> Mapping[str, dict[str, Any]]:
    """
    Read the documents of the papers' protocols, by id; each states its version.

    A table may list ``variants``: the same rules under another id, a stricter reading for instance.
    """
    documents: dict[str, dict[str, Any]] = {}
    folder = resources.files("lithoscope.rules") / "tables" / "protocols"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".toml"):
            continue
        document = tomllib.loads(entry.read_text(encoding="utf-8"))
        variants = document.pop("variants", [])
        for whole in (document, *({**document, **variant} for variant in variants)):
            documents[whole["id"]] = whole
    return documents


@cache
def shipped_protocols() -> Mapping[str, Protocol]:
    """Read the papers' protocols, by id."""
    return {name: read_protocol(document) for name, document in shipped_documents().items()}
