"""The words of the facility: those of ``docs/glossary.md``, and the one that a label on a page is about."""

import re
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from app.portal.guides import FOLDER, anchor, inline

_ROW = re.compile(r"^\| (?P<words>.+?) \| (?P<meaning>.+) \|$")
_HEADING = re.compile(r"^## (?P<words>.+)$")
WORDS, QUANTITIES = "Words", "Quantities"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the glossary: the words it explains, what they mean, the part it stands in."""

    words: tuple[str, ...]
    meaning: Markup
    part: str

    @property
    def anchor(self) -> str:
        """Return the name it has in addresses: that of its first word."""
        return anchor(self.words[0])


@cache
def entries() -> tuple[Entry, ...]:
    """Read the glossary."""
    found, part = [], WORDS
    for line in (FOLDER / "glossary.md").read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.match(line):
            part = heading["words"]
        row = _ROW.match(line)
        if row and row["words"] not in {"word", "quantity"} and set(row["words"]) != {"-"}:
            found.append(Entry(tuple(row["words"].split(", ")), inline(row["meaning"]), part))
    return tuple(found)


@cache
def _by_word() -> dict[str, str]:
    """Return the anchor of each word; quantities come first where both parts have one."""
    ordered = sorted(entries(), key=lambda entry: entry.part == QUANTITIES)
    return {word.lower(): entry.anchor for entry in ordered for word in entry.words}


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_by_word(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first))})(?!\w)")


def meant(label: str) -> str | None:
    """Return the anchor of the word a label is about: the label itself, else the longest word in it."""
    plain = label.lower()
    if plain in _by_word():
        return _by_word()[plain]
    found = _pattern().findall(plain)
    return _by_word()[max(found, key=len)] if found else None


def term(label: str) -> Markup:
    """Write a label as a link to what it means; one the glossary does not know stays as it is."""
    place = meant(label)
    return Markup('<a class="term" href="/glossary#{}">{}</a>').format(place, label) if place else escape(label)
