"""Documents of protocols, as TOML or JSON: read into protocols, or refused with everything that is wrong in them."""

from collections.abc import Mapping
from itertools import chain
from re import fullmatch
from typing import Any, get_args

from lithoscope.errors import ScienceError
from lithoscope.rules.condition_documents import read_condition
from lithoscope.rules.conditions import Condition
from lithoscope.rules.document_reader import Piece, Problem
from lithoscope.rules.facts import EVENT_FACTS, EXPOSURE_FACTS, HISTORY_FACTS, Meaning
from lithoscope.rules.legs import Mode
from lithoscope.rules.protocols import (
    Case,
    Pick,
    Protocol,
    Rule,
    Scope,
    StatedParameter,
    Subject,
    SubjectKind,
    digest_of,
)
from lithoscope.rules.verdicts import Strength, Verdict

MATERIALS = (
    "lithium_metal_foil", "lithium_electrodeposited", "sodium_metal", "graphite", "silicon", "nmc", "lithium_rich_nmc",
    "lto", "lfp", "solid_electrolyte_sulfide", "solid_electrolyte_oxide", "solid_electrolyte_halide", "sei", "cei",
    "composite_electrode", "other",
)  # fmt: skip
TECHNIQUES = ("tem", "stem_tomography", "fib_sem", "atom_probe", "xray")
PURPOSES = ("bulk", "surface", "sei", "cei", "electrolyte")
EVENT_TYPES = (
    "disassembly", "wash", "storage", "transfer", "fib_milling", "coating", "heating", "cooling", "mounting",
    "surface_renewal", "grinding", "sonication", "drop_cast", "titration", "exposure", "split", "disposal", "note",
    "electrochemical_cycling",
)  # fmt: skip
CASE_VERDICTS: tuple[Verdict, ...] = ("pass", "relaxed_allowed", "warned", "fail", "not_recorded")
ABSENT_VERDICTS: tuple[Verdict, ...] = ("not_recorded", "not_applicable", "warned", "fail")
KINDS_OF: dict[str, tuple[str, ...]] = {"events": EVENT_TYPES, "exposures": get_args(Mode), "history": ()}
FACTS_OF: dict[str, dict[str, Meaning]] = {
    "events": EVENT_FACTS,
    "exposures": EXPOSURE_FACTS,
    "history": HISTORY_FACTS,
}
SCOPE = ("materials", "techniques", "purposes")
MAX_RULES, MAX_CASES, MAX_PARAMETERS = 100, 20, 50


class InvalidProtocol(ScienceError):
    """A document that is no protocol; ``problems`` name every place and its remedy."""

    code = "invalid-protocol"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        first = problems[0]
        super().__init__(f"{first.pointer or '/'}: {first.name}: {first.remedy} ({len(problems)} in all)")


def read_protocol(document: Mapping[str, Any], *, version: int | None = None) -> Protocol:
    """
    Read a protocol from its document.

    Parameters
    ----------
    document : mapping
        As docs/protocols.md describes it.
    version : int, optional
        Number of this version when the document does not decide it.

    Raises
    ------
    InvalidProtocol
        With every problem found, each named and with the pointer to where it stands.
    """
    piece = Piece(document, "")
    protocol = _protocol(piece, version)
    if piece.problems:
        raise InvalidProtocol(piece.problems)
    return protocol


def _protocol(piece: Piece, version: int | None) -> Protocol:
    own = ("id", "version", "title", "citation", "default_purpose", "relaxations", "parameters", "rules", "notes")
    piece.only(*own, *SCOPE)
    name = piece.text("id")
    if not fullmatch(r"[a-z][a-z0-9_]{2,59}", name):
        piece.refuse("bad-value", "use 3 to 60 small letters, digits and underscores, a letter first", "id")
    scope = _scope(piece, at_least=1)
    purpose = piece.text("default_purpose", among=scope.purposes or PURPOSES)
    parameters = _parameters(piece)
    rules = tuple(_rule(entry, frozenset(parameters)) for entry in piece.tables("rules", at_least=1, at_most=MAX_RULES))
    names = [rule.id for rule in rules]
    for index, rule_id in enumerate(names):
        if rule_id in names[:index]:
            piece.problems.append(Problem("duplicate-rule", f"/rules/{index}/id", "give every rule an id of its own"))
    if "notes" in piece.value:
        piece.text("notes")
    return Protocol(
        id=name,
        version=int(piece.number("version")) if version is None else version,
        title=piece.text("title"),
        citation=piece.text("citation"),
        scope=scope,
        default_purpose=purpose,
        refuses_relaxations=piece.text("relaxations", default="allowed", among=("allowed", "refused")) == "refused",
        parameters=parameters,
        rules=rules,
        digest=digest_of(piece.value),
    )


def _scope(piece: Piece, *, at_least: int = 0) -> Scope:
    return Scope(
        piece.texts("materials", among=MATERIALS, at_least=at_least),
        piece.texts("techniques", among=TECHNIQUES, at_least=at_least) or (TECHNIQUES[:1] if at_least else ()),
        piece.texts("purposes", among=PURPOSES, at_least=at_least),
    )


def _parameters(piece: Piece) -> dict[str, StatedParameter]:
    if "parameters" not in piece.value:
        return {}
    table = piece.table("parameters")
    if len(table.value) > MAX_PARAMETERS:
        piece.refuse("bad-value", f"state at most {MAX_PARAMETERS}", "parameters")
    read: dict[str, StatedParameter] = {}
    for name in list(table.value)[:MAX_PARAMETERS]:
        if not fullmatch(r"[a-z][A-Za-z0-9_]{1,59}", name):
            table.refuse("bad-value", "name it by 2 to 60 letters, digits and underscores", name)
        entry = table.table(name)
        entry.only("value", "unit", "meaning", "citation")
        read[name] = StatedParameter(
            entry.number("value"), entry.text("unit"), entry.text("meaning"), entry.text("citation")
        )
    return read


def _rule(piece: Piece, parameters: frozenset[str]) -> Rule:
    piece.only("id", "title", "asks", "citation", "strength", "subject", "cases", "otherwise", *SCOPE)
    rule_id = piece.text("id")
    if not fullmatch(r"[a-z][a-z0-9-]{1,59}", rule_id):
        piece.refuse("bad-value", "use small letters, digits and hyphens, a letter first", "id")
    strength: Strength = "evidence" if _strength(piece) == "evidence" else "requirement"
    subject = _subject(piece.table("subject"), parameters)
    cases = tuple(chain(_cases(piece, FACTS_OF[subject.of], parameters), _otherwise(piece)))
    if strength == "evidence" and "fail" in {subject.absent, *(case.verdict for case in cases)}:
        piece.refuse("evidence-cannot-fail", "let evidence warn, or call the rule a requirement", "strength")
    return Rule(
        id=rule_id,
        title=piece.text("title"),
        asks=piece.text("asks"),
        citation=piece.text("citation"),
        subject=subject,
        cases=cases,
        scope=_scope(piece),
        strength=strength,
    )


def _strength(piece: Piece) -> str:
    return piece.text("strength", default="requirement", among=get_args(Strength))


def _subject(piece: Piece, parameters: frozenset[str]) -> Subject:
    of: SubjectKind = piece.text("of", among=get_args(SubjectKind))  # type: ignore[assignment] # checked by `among`
    kinds_field = {"events": "types", "exposures": "modes", "history": ""}[of]
    piece.only("of", *((kinds_field, "where", "since", "after", "before", "pick", "absent") if kinds_field else ()))
    if not kinds_field:
        return Subject(of)
    where: Condition | None = None
    if "where" in piece.value:
        where = read_condition(piece.table("where"), FACTS_OF[of], parameters)
    pick: Pick = piece.text("pick", default="all", among=get_args(Pick))  # type: ignore[assignment] # as above
    absent: Verdict = piece.text("absent", default="not_recorded", among=ABSENT_VERDICTS)  # type: ignore[assignment]
    return Subject(
        of,
        piece.texts(kinds_field, among=KINDS_OF[of]),
        where,
        _landmark(piece, "since"),
        _landmark(piece, "after"),
        _landmark(piece, "before"),
        pick,
        absent,
    )


def _landmark(piece: Piece, name: str) -> str | None:
    return piece.text(name, among=(*EVENT_TYPES, "imaging")) if name in piece.value else None


def _cases(piece: Piece, facts: dict[str, Meaning], parameters: frozenset[str]) -> list[Case]:
    cases = []
    for entry in piece.tables("cases", at_most=MAX_CASES, at_least=1):
        entry.only("when", "verdict", "words")
        when = read_condition(entry.table("when"), facts, parameters)
        cases.append(Case(when, _verdict(entry), entry.text("words", default="")))
    return cases


def _otherwise(piece: Piece) -> list[Case]:
    entry = piece.table("otherwise")
    entry.only("verdict", "words")
    return [Case(None, _verdict(entry), entry.text("words", default=""))]


def _verdict(piece: Piece) -> Verdict:
    verdict: Verdict = piece.text("verdict", among=CASE_VERDICTS)  # type: ignore[assignment] # checked by `among`
    return verdict
