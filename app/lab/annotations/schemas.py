"""What notes and tags look like from outside."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from app.lab.schemas import Body, Out, clean_text

MOST_LETTERS = 40
_TAG = re.compile(r"^[^\W_](?:[^\W_]|[ ._+/-](?=[^\W_]))*$")


def clean_tag(value: str) -> str:
    """
    Write a tag one way, so that one word is one tag: small letters, single spaces.

    Letters and digits with single spaces, full stops, hyphens, underlines, slashes or plus signs between them.
    """
    value = " ".join(clean_text(value).casefold().split())
    if not value or len(value) > MOST_LETTERS:
        raise ValueError(f"a tag has 1 to {MOST_LETTERS} letters")
    if not _TAG.match(value):
        raise ValueError("a tag has letters and digits, with single spaces, full stops, hyphens, _, / or + between")
    return value


def _written(value: str) -> str:
    text = clean_text(value).strip()
    if not text:
        raise ValueError("a note has at least one visible character")
    return text


TagText = Annotated[str, Strict(), Field(max_length=120), AfterValidator(clean_tag)]
NoteText = Annotated[str, Strict(), Field(max_length=10_000), AfterValidator(_written)]
Kind = Literal["sample", "dataset", "result"]


class NewNote(Body):
    """What somebody writes beside a thing; it stays."""

    text: NoteText


class NewTag(Body):
    """A word to find a thing by; capitals and small letters are one and the same."""

    tag: TagText


class NoteOut(Out):
    """A note with who wrote it and when."""

    id: str
    target_id: str
    text: str
    created_by: str
    author: str | None
    created_at: datetime


class TagOut(Out):
    """A tag of a thing."""

    tag: str
    created_by: str
    author: str | None
    created_at: datetime


class TagCountOut(Out):
    """A tag with the number of things that carry it, of those the asker may see."""

    tag: str
    things: int


class TaggedOut(Out):
    """A thing that carries a tag; `name` is a sample's, a dataset's file name, or the method of a result."""

    id: str
    tag: str
    kind: Kind
    name: str
    project_id: str
    tagged_at: datetime
