"""What a protocol looks like from outside."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field

from app.lab.protocols.service import HeldProtocol
from app.lab.schemas import Body, Out, clean_text
from lithoscope.rules.protocols import Rule
from lithoscope.rules.verdicts import Strength

MAX_DEPTH = 20


def _clean(value: Any, depth: int = 0) -> Any:
    """Clean every text of a document; refuse one nested deeper than any protocol is."""
    if depth > MAX_DEPTH:
        raise ValueError(f"a protocol is nested at most {MAX_DEPTH} deep")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(entry, depth + 1) for entry in value]
    if isinstance(value, dict):
        return {clean_text(name): _clean(entry, depth + 1) for name, entry in value.items()}
    return value


Document = Annotated[dict[str, Any], AfterValidator(_clean)]


class NewProtocol(Body):
    """A protocol as docs/protocols.md describes it; its version is given by the service."""

    document: Annotated[Document, Field(description="Leave `version` out; an `id` in use adds a version to it")]


class ParameterOut(Out):
    """A number of a protocol."""

    name: str
    value: float
    unit: str
    meaning: str
    citation: str


class ProtocolRuleOut(Out):
    """A rule in words; empty lists mean: of whatever the protocol speaks of."""

    id: str
    title: str
    asks: str
    citation: str
    strength: Strength
    materials: list[str]
    techniques: list[str]
    purposes: list[str]

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Describe a rule."""
        own = {name: getattr(rule, name) for name in ("id", "title", "asks", "citation", "strength")}
        scope = {name: list(getattr(rule.scope, name)) for name in ("materials", "techniques", "purposes")}
        return cls.model_validate({**own, **scope})


class ProtocolOut(Out):
    """One version of a protocol; `created_by` is null where it comes with the service."""

    id: str
    version: int
    title: str
    citation: str
    materials: list[str]
    techniques: list[str]
    purposes: list[str]
    default_purpose: str
    relaxations: str
    digest: str
    parameters: list[ParameterOut]
    rules: list[ProtocolRuleOut]
    is_shipped: bool
    created_by: str | None
    created_at: datetime | None
    retired_at: datetime | None

    @classmethod
    def of(cls, held: HeldProtocol) -> Self:
        """Describe a version."""
        protocol = held.protocol
        own = {name: getattr(protocol, name) for name in ("id", "version", "title", "citation", "digest")}
        scope = {name: list(getattr(protocol.scope, name)) for name in ("materials", "techniques", "purposes")}
        since = {name: getattr(held, name) for name in ("is_shipped", "created_by", "created_at", "retired_at")}
        return cls(
            **own,
            **scope,
            **since,
            default_purpose=protocol.default_purpose,
            relaxations="refused" if protocol.refuses_relaxations else "allowed",
            parameters=[
                ParameterOut(
                    name=name, value=stated.value, unit=stated.unit, meaning=stated.meaning, citation=stated.citation
                )
                for name, stated in protocol.parameters.items()
            ],
            rules=[ProtocolRuleOut.of(rule) for rule in protocol.rules],
        )


class ProtocolVersionOut(ProtocolOut):
    """One version with the document it was read from, to be sent back changed as the next version."""

    document: dict[str, Any]

    @classmethod
    def of(cls, held: HeldProtocol) -> Self:
        """Describe a version whole."""
        return cls(**ProtocolOut.of(held).model_dump(), document=dict(held.document))
