"""Protocols: versioned tables of rules, each with citation."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lithoscope.rules.conditions import Condition
from lithoscope.rules.verdicts import Strength, Verdict

SubjectKind = Literal["events", "exposures", "history"]
Pick = Literal["all", "first", "last"]


@dataclass(frozen=True, slots=True)
class Scope:
    """The materials, techniques and purposes something speaks of; an empty tuple leaves one open."""

    materials: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """
    What a rule looks at.

    Parameters
    ----------
    of : {"events", "exposures", "history"}
        Each event, each exposure, or the history as a whole.
    kinds : tuple of str
        Types of event, or modes of exposure; all when empty.
    where : Condition or None
        Which of them; one whose record leaves that open counts as not recorded.
    since, after, before : str or None
        Only those that began with or after the first, with or after the last, with or before the first of a type of
        event; ``imaging`` means exposures to electrons or X-rays, and before it means not later than the last of them.
        Without such an event nothing is left out.
    pick : {"all", "first", "last"}
        Each of them, or one.
    absent : Verdict
        What the rule says when there is none.
    """

    of: SubjectKind
    kinds: tuple[str, ...] = ()
    where: Condition | None = None
    since: str | None = None
    after: str | None = None
    before: str | None = None
    pick: Pick = "all"
    absent: Verdict = "not_recorded"


@dataclass(frozen=True, slots=True)
class Case:
    """A verdict and when it is given; without condition always."""

    when: Condition | None
    verdict: Verdict
    words: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the first of its cases that holds gives the verdict."""

    id: str
    title: str
    asks: str
    citation: str
    subject: Subject
    cases: tuple[Case, ...]
    scope: Scope = Scope()
    strength: Strength = "requirement"


@dataclass(frozen=True, slots=True)
class StatedParameter:
    """A number of the protocol that a facility may set by adding a version of its own."""

    value: float
    unit: str
    meaning: str
    citation: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """
    A protocol in one version.

    Parameters
    ----------
    id, version, title, citation
        Its name, the number of this version, what it is called and where it comes from.
    scope : Scope
        What it speaks of; the first technique and `default_purpose` are meant when nobody says otherwise.
    refuses_relaxations : bool
        Whether what the source lets pass as a relaxation fails: the strict form.
    parameters : mapping of str to StatedParameter
        Numbers its rules compare with.
    rules : tuple of Rule
        In the order they are shown.
    digest : str
        SHA-256 of the document it was read from.
    """

    id: str
    version: int
    title: str
    citation: str
    scope: Scope
    default_purpose: str
    refuses_relaxations: bool
    parameters: Mapping[str, StatedParameter]
    rules: tuple[Rule, ...]
    digest: str


def digest_of(document: Mapping[str, Any]) -> str:
    """Return what names a document by its content; moments of TOML, which no protocol holds, as text."""
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
