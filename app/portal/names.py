"""What a visitor calls a thing a sentence speaks of: the moment of an event, the name of a sample."""

from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup, escape

from app.errors import LabError
from app.lab.access import Actor
from app.lab.composition import Lab
from app.portal import words
from app.portal.links import Namer


def namer(lab: Lab, actor: Actor) -> Namer:
    """Return what names a thing by its identifier, each looked up once; None for one the visitor may not see."""
    known: dict[str, Markup | None] = {}

    def name(identifier: str) -> Markup | None:
        if identifier not in known:
            known[identifier] = _name(lab, actor, identifier)
        return known[identifier]

    return name


def _name(lab: Lab, actor: Actor, identifier: str) -> Markup | None:
    find = _NAMES.get(identifier.partition("_")[0])
    try:
        return None if find is None else find(lab, actor, identifier)
    except LabError:
        return None  # the sentence keeps the end of the identifier


def _event(lab: Lab, actor: Actor, identifier: str) -> Markup:
    return _of("event", lab.custody.moment_of(actor, identifier))


def _exposure(lab: Lab, actor: Actor, identifier: str) -> Markup:
    return _of("exposure", lab.dose.moment_of(actor, identifier))


def _of(kind: str, at: datetime) -> Markup:
    return Markup('{} of <time datetime="{}">{}</time>').format(kind, at.isoformat(), words.instant(at))


_NAMES: dict[str, Callable[[Lab, Actor, str], Markup]] = {
    "evt": _event,
    "exp": _exposure,
    "smp": lambda lab, actor, identifier: escape(lab.samples.get(actor, identifier).name),
    "rgn": lambda lab, actor, identifier: escape(lab.regions.get(actor, identifier).name),
    "ds": lambda lab, actor, identifier: escape(lab.datasets.get(actor, identifier).filename),
    "apr": lambda lab, actor, identifier: escape(lab.rules.get(actor, identifier).version.name),
    "ser": lambda lab, actor, identifier: escape(lab.series.get(actor, identifier).name),
    "ins": lambda lab, actor, identifier: escape(lab.instruments.get(actor, identifier).name),
}
