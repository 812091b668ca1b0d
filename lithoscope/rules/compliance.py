"""What a protocol says of the record of a sample: a verdict for each rule, and whether it can be known at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lithoscope.rules.conditions import Truth, facts_of, holds
from lithoscope.rules.custody import Happening
from lithoscope.rules.facts import Element
from lithoscope.rules.legs import Leg
from lithoscope.rules.protocols import Case, Protocol, Rule, Scope, Subject
from lithoscope.rules.record import CoverageLike, Record, SpecimenLike
from lithoscope.rules.verdicts import Evaluation, RuleVerdict, Verdict, gravest

NO_MATERIAL = "the material is not recorded"
ELSEWHERE = "the protocol does not speak of this material, technique and purpose"
SHOWN = 6  # elements named in the words of one verdict; `decided_by` holds them all


@dataclass(frozen=True, slots=True)
class Question:
    """What a record is judged for: technique, purpose, and the protocol's numbers."""

    technique: str
    purpose: str
    parameters: Mapping[str, float]
    refuses_relaxations: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """One element with its verdict and the words for it."""

    verdict: Verdict
    found: str
    ids: tuple[str, ...]
    missing: tuple[str, ...] = ()


def evaluate(
    protocol: Protocol,
    *,
    specimen: SpecimenLike,
    history: Iterable[Happening],
    legs: Iterable[Leg],
    coverage: CoverageLike | None,
    at: datetime,
    purpose: str | None = None,
    technique: str | None = None,
    parameters: Mapping[str, float] | None = None,
    judged: frozenset[str] | None = None,
) -> Evaluation:
    """
    Judge the record of a sample by a protocol.

    Every verdict is one that no value of a missing record could change: where the record leaves two verdicts possible
    it is ``not_recorded``. So knowing less can make a verdict ``not_recorded`` and never ``pass``.

    Parameters
    ----------
    protocol : Protocol
        One version of it.
    specimen : SpecimenLike
        Material, electrolyte and time of preparation.
    history : iterable of Happening
        Custody events that stand, those of ancestors before the split included.
    legs : iterable of Leg
        Exposures that stand.
    coverage : CoverageLike or None
        Whether anybody answers for the beam beside the exposures; None is nobody.
    at : datetime
        The moment judged; later records do not count.
    purpose, technique : str, optional
        The question asked of the sample; the protocol's own when left out.
    parameters : mapping, optional
        Numbers put in place of the protocol's.
    judged : frozenset of str, optional
        Ids of the exposures in question, those of a dataset for instance; the others only add to the dose of their
        place. All of them when left out.

    Returns
    -------
    evaluation : Evaluation
        With the events and exposures that decide each rule.
    """
    question = Question(
        technique=technique or protocol.scope.techniques[0],
        purpose=purpose or protocol.default_purpose,
        parameters={name: stated.value for name, stated in protocol.parameters.items()} | dict(parameters or {}),
        refuses_relaxations=protocol.refuses_relaxations,
    )
    record = Record.until(at, specimen=specimen, history=history, legs=legs, coverage=coverage, judged=judged)
    concerns = _concerns(protocol.scope, record.specimen.material, question)
    rules = tuple(_judge(rule, record, question) for rule in protocol.rules) if concerns else ()
    return Evaluation(
        protocol_id=protocol.id,
        protocol_title=protocol.title,
        version=protocol.version,
        digest=protocol.digest,
        verdict="not_recorded" if concerns is None else gravest(rule.verdict for rule in rules),
        technique=question.technique,
        purpose=question.purpose,
        at=at,
        rules=rules,
        note={True: "", None: NO_MATERIAL, False: ELSEWHERE}[concerns],
    )


def _concerns(scope: Scope, material: str | None, question: Question) -> Truth:
    """Say whether a scope holds a sample and a question; None when the material is not recorded."""
    if scope.techniques and question.technique not in scope.techniques:
        return False
    if scope.purposes and question.purpose not in scope.purposes:
        return False
    if not scope.materials:
        return True
    return None if material is None else material in scope.materials


def _judge(rule: Rule, record: Record, question: Question) -> RuleVerdict:
    concerns = _concerns(rule.scope, record.specimen.material, question)
    if concerns is False:
        return _say(rule, "not_applicable", found="asked of other materials, techniques or purposes")
    if concerns is None:
        return _say(rule, "not_recorded", found=NO_MATERIAL, missing=("material",))
    candidates = _candidates(rule.subject, record, question)
    if not candidates:
        return _say(rule, _strict(rule.subject.absent, question), found=f"no {_named(rule.subject)} is recorded")
    judged = [_judge_one(rule, element, is_meant, question) for element, is_meant in candidates]
    verdict = gravest(one.verdict for one in judged)
    deciding = [one for one in judged if one.verdict == verdict]
    words = "; ".join(one.found for one in deciding[:SHOWN])
    ids = (named for one in deciding for named in one.ids)
    return _say(
        rule,
        verdict,
        found=words if len(deciding) <= SHOWN else f"{words}; and {len(deciding) - SHOWN} more",
        decided_by=tuple(dict.fromkeys(ids)),
        missing=tuple(dict.fromkeys(name for one in deciding for name in one.missing)),
    )


def _candidates(subject: Subject, record: Record, question: Question) -> list[tuple[Element, Truth]]:
    """Return what a rule looks at, oldest first; None beside one where the record leaves open whether it is meant."""
    if subject.of == "history":
        return [(record.whole(), True)]
    found = record.events(subject.kinds) if subject.of == "events" else record.exposures(subject.kinds)
    if subject.since is not None and (starts := record.starts(subject.since)):
        found = [element for element in found if element.moment >= min(starts)]
    if subject.after is not None and (starts := record.starts(subject.after)):
        found = [element for element in found if element.moment >= max(starts)]
    if subject.before is not None and (starts := record.starts(subject.before)):
        last = max(starts) if subject.before == "imaging" else min(starts)
        found = [element for element in found if element.moment <= last]
    meant: list[tuple[Element, Truth]] = []
    for element in found:
        is_meant = True if subject.where is None else holds(subject.where, element.fact, question.parameters)
        if is_meant is not False:
            meant.append((element, is_meant))
    return {"all": meant, "first": meant[:1], "last": meant[-1:]}[subject.pick]


def _judge_one(rule: Rule, element: Element, is_meant: Truth, question: Question) -> _Judged:
    if is_meant is None and rule.subject.where is not None:
        missing = _unknown(element, list(facts_of(rule.subject.where)))
        return _Judged("not_recorded", _found(element, missing), element.ids, missing)
    possible: list[Case] = []
    read: list[str] = []
    for case in rule.cases:
        answer = True if case.when is None else holds(case.when, element.fact, question.parameters)
        read.extend(() if case.when is None else facts_of(case.when))
        if answer is not False:
            possible.append(case)
        if answer:
            break
    names = tuple(dict.fromkeys(read))
    verdicts = {_strict(case.verdict, question) for case in possible}
    if len(verdicts) == 1:
        reasons = {case.words for case in possible}
        why = reasons.pop() if len(reasons) == 1 else ""  # which of several ways to one verdict it was is not known
        words = f"{_found(element, names)}: {why}" if why else _found(element, names)
        return _Judged(verdicts.pop(), words, _ids(element, names))
    missing = _unknown(element, names)
    return _Judged("not_recorded", _found(element, missing), _ids(element, names), missing)


def _strict(verdict: Verdict, question: Question) -> Verdict:
    return "fail" if verdict == "relaxed_allowed" and question.refuses_relaxations else verdict


def _unknown(element: Element, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in dict.fromkeys(names) if not element.fact(name).is_known)


def _ids(element: Element, names: Sequence[str]) -> tuple[str, ...]:
    """Return the records behind what a rule read of an element."""
    return (*element.ids, *(named for name in names for named in element.fact(name).decided_by))


def _found(element: Element, names: Sequence[str]) -> str:
    """Say what an element's record says of some facts."""
    said = ", ".join(element.fact(name).words(name) for name in names)
    return f"{element.label}: {said}" if said else element.label


def _named(subject: Subject) -> str:
    kinds = " or ".join(subject.kinds)
    noun = "event" if subject.of == "events" else "exposure"
    landmark = subject.after or subject.since
    where = f" after {landmark}" if landmark else ""
    return f"{kinds} {noun}{where}" if kinds else f"{noun}{where}"


def _say(
    rule: Rule,
    verdict: Verdict,
    *,
    found: str,
    decided_by: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
) -> RuleVerdict:
    return RuleVerdict(
        rule_id=rule.id,
        title=rule.title,
        citation=rule.citation,
        strength=rule.strength,
        verdict=verdict,
        decided_by=decided_by,
        found=found,
        asked=rule.asks,
        missing=missing,
    )
