"""The catalogue of methods in the words of pages."""

from collections.abc import Iterable
from typing import Any, get_args

from app.portal import words
from lithoscope.methods import Method, catalogue
from lithoscope.methods.base import Technique

INGEST = "Reading of the file"
OWN_TITLES = {"ingest": INGEST, "assembly": "Stacking of a growing series"}
TECHNIQUES: dict[str, str] = {
    "tilt_series": "Tilt series: clean, align, turn",
    "tomography": "Tomography: volumes from tilt series",
    "eds": "X-rays (EDS): elements",
    "eels": "Energy loss (EELS): thickness, edges, valence",
    "particles": "Particles: regions, depth, phases",
    "images": "Images and volumes: segments, phases, differences",
    "beam": "Dose and beam damage",
    "electrochemistry": "Electrochemistry",
    "figures": "Figures and films",
    "other": "Others",
}


def title_of(method_id: str | None) -> str:
    """Return a method's title; one that is no longer offered keeps its id as words."""
    method = catalogue().get(method_id or "")
    if method is not None:
        return method.title
    return OWN_TITLES.get(method_id or "") or words.title(method_id)


def tells(method: Method, text: str) -> bool:
    """Say whether every word is found in a method's title, description, reference or technique."""
    said = (method.id, method.title, method.params.__doc__, method.reference, TECHNIQUES[method.technique])
    whole = " ".join(each or "" for each in said).lower()
    return all(word in whole for word in text.lower().split())


def by_technique(methods: Iterable[Any], of: Any = lambda each: each) -> list[tuple[str, list[Any]]]:
    """Put methods, or things that `of` tells the method of, under headings in the order of an experiment."""
    rows = list(methods)
    groups = ((name, [row for row in rows if of(row).technique == name]) for name in get_args(Technique))
    return [(TECHNIQUES[name], found) for name, found in groups if found]
