"""Identifiers in sentences, as links a person can follow."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from markupsafe import Markup, escape

from app.portal import words

KINDS = {
    "smp": "sample",
    "evt": "event",
    "exp": "exposure",
    "ds": "dataset",
    "job": "job",
    "run": "recipe run",
    "res": "result",
    "rgn": "region",
    "evl": "evaluation",
    "ins": "instrument",
    "prj": "project",
    "pub": "publication",
    "tgs": "titration series",
    "gcl": "gas calibration",
    "lim": "limit",
    "bmr": "beam record",
    "bmc": "beam calibration",
    "apr": "rule",
    "ser": "series",
}
_ID = re.compile(rf"\b({'|'.join(KINDS)})_[0-9a-f]{{32}}\b")
_NAME = re.compile(
    r"\b([a-z]+[a-z0-9]*(?:_[A-Za-z0-9]+)+)\b( at least | at most | )?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)?"
)
_PATTERN = re.compile(r"(?<=\blike )“[^”]*”")
_STEP = re.compile(r"\b(?:events|exposures)/\d+\b")
_PAGE = re.compile(r"\bGET /([a-z-]+)\b")
#: Lists that the interface and the pages both have.
PAGES = {
    "methods": ("/methods", "Methods"),
    "recipes": ("/recipes", "Recipes"),
    "instruments": ("/instruments", "Instruments"),
    "processing-rules": ("/rules", "Rules"),
}
_CODE = re.compile(r"^([a-z]+(?:-[a-z]+)+): ")
Namer = Callable[[str], Markup | None]
LONGEST_WHOLE = 24  # letters of a link that is not broken over lines
_namer: ContextVar[Namer | None] = ContextVar("namer", default=None)
DIRECT = {
    "smp": "/samples/",
    "ds": "/datasets/",
    "job": "/jobs/",
    "run": "/recipe-runs/",
    "res": "/results/",
    "rgn": "/regions/",
    "evl": "/evaluations/",
    "ins": "/instruments/",
    "prj": "/projects/",
    "pub": "/publications/",
    "tgs": "/titrations/series/",
    "gcl": "/titrations/calibrations/",
    "lim": "/limits#",
    "apr": "/rules/",
    "ser": "/series/",
}


@contextmanager
def named_by(namer: Namer | None) -> Iterator[None]:
    """Let links made meanwhile show what the visitor calls a thing instead of its identifier."""
    token = _namer.set(namer)
    try:
        yield
    finally:
        _namer.reset(token)


def address(identifier: str) -> str:
    """Return where a thing is shown; things within a page are found by one more step."""
    home = DIRECT.get(identifier.partition("_")[0])
    return f"{home}{identifier}" if home else f"/things/{identifier}"


def link(identifier: str, text: str | None = None) -> Markup:
    """Write a link to a thing: its name, or where nobody gave one its kind and the end of its identifier."""
    kind = KINDS.get(identifier.partition("_")[0])
    if kind is None or not _ID.fullmatch(identifier):
        return escape(text or _name_of(identifier) or identifier)
    shown = text or _name_of(identifier) or f"{kind} …{identifier[-6:]}"
    whole = Markup(' class="nowrap"') if len(shown) <= LONGEST_WHOLE else ""
    return Markup('<a{} href="{}">{}</a>').format(whole, address(identifier), shown)


def linked(text: str | None) -> Markup:
    """Escape a sentence and turn the identifiers in it into links, and lists it names as the interface does."""
    return _around_links(_CODE.sub(lambda found: f"{words.title(found[1])}: ", text or ""), _plain)


def things(text: str | None) -> Markup:
    """Escape what a person wrote and turn the identifiers in it into links; all else stays as it is."""
    return _around_links(text or "", escape)


def _around_links(text: str, write: Callable[[str], Markup]) -> Markup:
    parts: list[Markup] = []
    end = 0
    for found in _ID.finditer(text):
        parts += [write(_without_kind(text[end : found.start()], found[1])), link(found[0])]
        end = found.end()
    return Markup("").join([*parts, write(text[end:])])


def _without_kind(before: str, prefix: str) -> str:
    """Leave out the word for a thing's kind right before the link that begins with it."""
    kind = KINDS[prefix]
    return (
        before.removesuffix(f"{kind} ")
        if before.endswith((f" {kind} ", f"({kind} ")) or before == f"{kind} "
        else before
    )


def _plain(text: str) -> Markup:
    """Escape words; all but patterns of file names, which stand as they were typed, is written as on the pages."""
    return _parted(_PATTERN, text, lambda found: escape(found[0]), between=_as_pages_do)


def _as_pages_do(text: str) -> Markup:
    """Escape words; lists, field names, controlled names and steps of a plan among them stand as on the pages."""
    return _parted(_PAGE, words.printed(text).replace(" × 10", "\u00a0×\u00a010"), _of_list, between=_of_words)


def _of_words(text: str) -> Markup:
    return _parted(
        _STEP,
        text,
        lambda found: escape(_name_of(found[0]) or found[0]),
        between=lambda part: escape(_NAME.sub(_named, part)),
    )


def _of_list(found: re.Match[str]) -> Markup:
    page = PAGES.get(found[1])
    return Markup('<a href="{}">{}</a>').format(*page) if page else escape(found[0])


def _parted(
    pattern: re.Pattern[str], text: str, at: Callable[[re.Match[str]], Markup], *, between: Callable[[str], Markup]
) -> Markup:
    parts: list[Markup] = []
    end = 0
    for found in pattern.finditer(text):
        parts += [between(text[end : found.start()]), at(found)]
        end = found.end()
    return Markup("").join([*parts, between(text[end:])])


def _name_of(place: str) -> Markup | None:
    namer = _namer.get()
    return namer(place) if namer else None


def _named(found: re.Match[str]) -> str:
    """Write a name as words; a number that follows a field's name gets the unit the name states."""
    label, unit = words.label_and_unit(found[1])
    said = label.lower() if unit else words.word(found[1])
    if found[3] is None:
        return f"{said}{found[2] or ''}"
    sign = words.unit(unit)
    return f"{said}{found[2] or ' '}{words.number(float(found[3]))}{f' {sign}' if sign else ''}"
