"""The catalogue of methods in the words of pages."""

from app.portal import words
from lithoscope.methods import catalogue

INGEST = "Reading of the file"


def title_of(method_id: str | None) -> str:
    """Return a method's title; one that is no longer offered keeps its id as words."""
    method = catalogue().get(method_id or "")
    if method is not None:
        return method.title
    return INGEST if method_id == "ingest" else words.title(method_id)
