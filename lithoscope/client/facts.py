"""What the service says about a sample, as small objects: quantities with units, instants, attributes by name."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Literal, TypeVar

from lithoscope.client.named import quantity_of
from lithoscope.units import Quantity

_INSTANTS = frozenset({"at", "until", "start", "end", "moment"})
_QUANTITY = frozenset({"value", "unit", "source"})


class Fact(Mapping[str, Any]):
    """
    One answer of the service; every field is an attribute and an item.

    Numbers with a unit are `Quantity`, instants `datetime` with zone, what lies inside a `Fact` of its own.

    Parameters
    ----------
    record : mapping
        The JSON document, kept as it came in `record`.
    """

    parts: "ClassVar[Mapping[str, type[Fact]]]" = MappingProxyType({})

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = dict(record)

    def __getitem__(self, name: str) -> Any:
        """Return a field."""
        return _typed(name, self.record[name], self.parts.get(name, Fact))

    def __getattr__(self, name: str) -> Any:
        """Return a field."""
        if name.startswith("_") or name == "record" or name not in self.record:
            raise AttributeError(
                f"{type(self).__name__} has no field {name!r}: it has {', '.join(sorted(self.record))}"
            )
        return self[name]

    def __iter__(self) -> Iterator[str]:
        """Walk the names of its fields."""
        return iter(self.record)

    def __len__(self) -> int:
        """Count its fields."""
        return len(self.record)

    def __repr__(self) -> str:
        """Show its plain fields."""
        plain = (f"{name}={value!r}" for name, value in self.record.items() if isinstance(value, str | int | float))
        return f"<{type(self).__name__} {' '.join(plain)}>"


def _typed(name: str, value: Any, kind: type[Fact]) -> Any:
    if isinstance(value, dict):
        return quantity_of(value) if value.keys() >= _QUANTITY else kind(value)
    if isinstance(value, list):
        return [_typed(name, each, kind) for each in value]
    if isinstance(value, str) and (name in _INSTANTS or name.endswith("_at")):
        return datetime.fromisoformat(value)
    return value


F = TypeVar("F", bound=Fact)


def facts(kind: type[F], records: Any) -> list[F]:
    """Return a list of documents as facts of one kind."""
    return [kind(record) for record in records]


ClockState = Literal["fresh", "due", "overdue", "unknown"]
BudgetState = Literal["within", "near", "exceeded", "unknown"]
VerdictWord = Literal["pass", "relaxed_allowed", "warned", "fail", "not_recorded", "not_applicable"]


class CustodyState(Fact):
    """Where a sample is at a moment, in which atmosphere, how cold, and what its way adds up to."""

    at: datetime
    place: str | None
    atmosphere: str | None
    temperature_K: Quantity
    is_gap: bool
    air_exposure: Quantity
    has_gaps: bool


class Stay(Fact):
    """One interval of the chain; ``is_gap`` is time nobody recorded."""

    start: datetime
    end: datetime
    place: str | None
    atmosphere: str | None
    temperature_K: Quantity
    is_gap: bool


class Clock(Fact):
    """One shelf-life clock."""

    name: str
    title: str
    state: ClockState
    started_at: datetime | None
    is_running: bool
    due_at: datetime | None
    overdue_at: datetime | None
    reason: str
    citation: str


class Deadline(Fact):
    """A clock of some sample that is due, or will be."""

    sample_id: str
    clock: str
    state: ClockState
    due_at: datetime | None


class SampleDose(Fact):
    """What beams gave a sample, exposure by exposure and by beam energy."""

    sample_id: str
    note: str


class Budget(Fact):
    """How much of a phase's critical dose a region has spent, as an interval; ``unknown`` is never fine."""

    phase: str
    criterion: str
    state: BudgetState
    reasons: list[str]


class Evaluation(Fact):
    """A protocol's verdict on a sample, dataset or result, rule by rule, with the events that decide it."""

    protocol_id: str
    verdict: VerdictWord


class DoseLimit(Fact):
    """One critical-dose record, an interval with its source."""

    id: str
    phase: str
    criterion: str


class Protocol(Fact):
    """One version of a protocol."""

    id: str
    version: int
    title: str


class Alarm(Fact):
    """Something the facility should look at."""

    id: str
    topic: str
    raised_at: datetime
    acknowledged_at: datetime | None


class Report(Fact):
    """Everything recorded of a sample, dataset or result, what is missing, and a methods paragraph made of it."""


class Provenance(Fact):
    """A number, and what had been done to its sample and how much beam it had taken before it was measured."""

    result_id: str
    output: str
    value: Quantity | None
    is_complete: bool


class ChainPlan(Fact):
    """What a planned chain would give: state, clocks, doses, budgets, verdicts; nothing of it is stored."""

    parts: ClassVar[Mapping[str, type[Fact]]] = {
        "state": CustodyState,
        "stays": Stay,
        "clocks": Clock,
        "budgets": Budget,
        "evaluations": Evaluation,
    }
    at: datetime
    state: CustodyState
    clocks: list[Clock]
    budgets: list[Budget]
    evaluations: list[Evaluation]
    assumptions: list[str]
