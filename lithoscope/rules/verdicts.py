"""Verdicts of protocols: of one rule, and of a whole protocol; which counts for more when they meet."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, get_args

Verdict = Literal["fail", "not_recorded", "warned", "relaxed_allowed", "pass", "not_applicable"]
Strength = Literal["requirement", "evidence"]

#: From the one that counts most. ``warned`` stands above ``relaxed_allowed``: evidence that the measurement itself may
#: mislead weighs more than a departure its source allows; neither is worse than not knowing.
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that counts for all; ``not_applicable`` when there is none."""
    return min(verdicts, key=VERDICTS.index, default="not_applicable")


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """
    What one rule says of a record.

    Parameters
    ----------
    rule_id, title, citation : str
        Of the rule.
    strength : {"requirement", "evidence"}
        Evidence of a paper warns at most; it is no law.
    verdict : Verdict
        ``not_recorded`` whenever the record leaves more than one verdict possible.
    decided_by : tuple of str
        Ids of the custody events and exposures that decide it; empty when what is asked for is absent.
    found, asked : str
        What the record says and what the rule asks, in words.
    missing : tuple of str
        Names of the facts nobody recorded, when that is the reason.
    """

    rule_id: str
    title: str
    citation: str
    strength: Strength
    verdict: Verdict
    decided_by: tuple[str, ...]
    found: str
    asked: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    What a protocol says of a record.

    Parameters
    ----------
    protocol_id, protocol_title, version, digest
        Of the protocol that spoke, so that the verdict stays readable when the protocol has changed.
    verdict : Verdict
        The gravest of its rules (`VERDICTS` is the order).
    technique, purpose : str
        The question the record was judged for.
    at : datetime
        The moment it was judged for; later records did not count.
    rules : tuple of RuleVerdict
        In the protocol's order; those that do not apply included.
    note : str
        Why the whole does not apply, or what was taken for granted.
    """

    protocol_id: str
    protocol_title: str
    version: int
    digest: str
    verdict: Verdict
    technique: str
    purpose: str
    at: datetime
    rules: tuple[RuleVerdict, ...] = ()
    note: str = ""

    @property
    def decided_by(self) -> tuple[str, ...]:
        """Return the ids behind the verdict: those of the rules that gave it."""
        ids = (named for rule in self.rules if rule.verdict == self.verdict for named in rule.decided_by)
        return tuple(dict.fromkeys(ids))

    def to_json(self) -> dict[str, Any]:
        """Write every field with plain JSON types."""
        rules = [{**asdict(rule), "decided_by": list(rule.decided_by)} for rule in self.rules]
        for rule in rules:
            rule["missing"] = list(rule["missing"])
        whole = {
            name: getattr(self, name) for name in ("protocol_id", "protocol_title", "version", "digest", "verdict")
        }
        asked = {"technique": self.technique, "purpose": self.purpose, "at": self.at.isoformat(), "note": self.note}
        return {**whole, **asked, "decided_by": list(self.decided_by), "rules": rules}
