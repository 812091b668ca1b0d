"""The report of a sample, dataset or result: one plain model that JSON, page and printed document are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lithoscope.units import Quantity

Kind = Literal[
    "sample", "custody_event", "exposure", "instrument", "dataset", "result", "region", "evaluation", "dose_sum"
]
ItemState = Literal["stated", "lower_bound", "missing", "not_demanded"]
ClockState = Literal["fresh", "due", "overdue", "unknown"]

#: What a new shape of this model is told by; publications keep the shape they were frozen in.
SCHEMA = "lithoscope-report/1"


@dataclass(frozen=True, slots=True)
class Moment:
    """A recorded instant, by the service's clock; a class of its own, so that no text is ever taken for one."""

    at: datetime


Value = Quantity | Moment | bool | str | None


@dataclass(frozen=True, slots=True)
class Record:
    """
    One record of the facility and what it states.

    Parameters
    ----------
    id : str
        Of the record; a sum over records carries the id of the sample it is about.
    kind : Kind
        What it is.
    title : str
        Words for tables: the type of an event, the name of a region.
    fields : mapping of str to Quantity, Moment, bool, str or None
        What it states, by name. None, and a quantity without value, is not recorded.
    started_at, ended_at : datetime or None
        By the service's clock; an instant has no end.
    number : int
        Place in its table, from 1, shared by tables and figure; 0 where it stands in none.
    """

    id: str
    kind: Kind
    title: str
    fields: Mapping[str, Value]
    started_at: datetime | None = None
    ended_at: datetime | None = None
    number: int = 0

    def states(self, name: str) -> bool:
        """Say whether a field is recorded."""
        value = self.fields.get(name)
        if isinstance(value, Quantity):
            return value.value is not None
        return value not in {None, ""}


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A run of words of the methods paragraph.

    Parameters
    ----------
    text : str
        The words. Without a record they hold no digit, so that no number stands there that nobody recorded.
    record_id, field : str or None
        The record and the field of it whose value the words are.
    """

    text: str
    record_id: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Something a checklist demands and nobody recorded: which record lacks which field, and what to do."""

    item: str
    record_id: str
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class Item:
    """
    One line of the checklist.

    Parameters
    ----------
    id, title : str
        Its name, and words for people.
    state : {"stated", "lower_bound", "missing", "not_demanded"}
        A lower bound is stated as what it is; ``not_demanded`` is not asked of this material or technique.
    words : str
        What was found, or why it is not asked.
    record_ids : tuple of str
        Records that state it.
    missing : tuple of Missing
        What is not recorded.
    citation : str
        Who demands it.
    """

    id: str
    title: str
    state: ItemState
    words: str
    record_ids: tuple[str, ...]
    missing: tuple[Missing, ...]
    citation: str


@dataclass(frozen=True, slots=True)
class Band:
    """One stay of the sample: where, in which atmosphere, or a gap nobody recorded."""

    started_at: datetime
    ended_at: datetime
    place: str | None
    atmosphere: str | None
    temperature_K: Quantity
    is_gap: bool
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loss:
    """What was lost on storage by one law, as a range [%]; an open end is unknown."""

    model: str
    lower: Quantity
    upper: Quantity
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A shelf-life clock at the time of the report."""

    name: str
    title: str
    state: ClockState
    started_at: datetime | None
    elapsed: Quantity
    due_at: datetime | None
    overdue_at: datetime | None
    reason: str
    citation: str
    decided_by: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """
    How much of a phase's dose limit a region has spent, at its worst place.

    ``state`` unknown is never shown as fine; ``recorded`` is the part of the recorded exposures alone.
    """

    region_id: str
    region: str
    phase: str
    criterion: str
    state: Literal["within", "near", "exceeded", "unknown"]
    spent_lower: Quantity
    spent_upper: Quantity
    seconds_left_lower: Quantity
    seconds_left_upper: Quantity
    reason: str
    recorded_lower: Quantity
    recorded_upper: Quantity


@dataclass(frozen=True, slots=True)
class LabelRow:
    """What a label of a segmentation is said to be, and whether a beam may have made it."""

    id: str
    output: str
    label: int
    phase: str
    possibly_beam_made: Literal["true", "false", "unknown"]
    reason: str
    seen_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """The verdict of one rule, with what decided it."""

    rule_id: str
    verdict: str
    words: str
    citation: str
    decided_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict of a protocol; ``evaluation_id`` None is a preview nobody stored."""

    protocol: str
    version: str
    verdict: str
    purpose: str | None
    evaluation_id: str | None
    rules: tuple[RuleVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Ancestor:
    """Something the target came from."""

    id: str
    kind: str
    label: str
    depth: int


@dataclass(frozen=True, slots=True)
class Report:
    """
    All that is known of a target, as of a moment.

    Parameters
    ----------
    target_id, target_kind, title : str
        What the report is about.
    at : datetime
        Until when history counts.
    sample : Record
        The sample.
    events, exposures, sums, regions, others : tuple of Record
        Custody events; exposures with dose; sums of dose per beam energy; regions; instruments, datasets and results.
    dose_is_complete : bool
        Every second of beam is covered by a log or a declaration; else every dose is a lower bound.
    dose_note : str
        Why it is not.
    bands, clocks, budgets, labels, verdicts, lineage
        What is derived from them.
    checklist : tuple of Item
        What a report must state.
    methods : tuple of Piece
        The methods paragraph.
    software : str
        What made the report.
    """

    target_id: str
    target_kind: Literal["sample", "dataset", "result"]
    title: str
    at: datetime
    sample: Record
    events: tuple[Record, ...] = ()
    exposures: tuple[Record, ...] = ()
    sums: tuple[Record, ...] = ()
    regions: tuple[Record, ...] = ()
    others: tuple[Record, ...] = ()
    dose_is_complete: bool = False
    dose_note: str = ""
    bands: tuple[Band, ...] = ()
    clocks: tuple[ClockRow, ...] = ()
    budgets: tuple[BudgetRow, ...] = ()
    labels: tuple[LabelRow, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    lineage: tuple[Ancestor, ...] = ()
    checklist: tuple[Item, ...] = ()
    methods: tuple[Piece, ...] = ()
    software: str = ""
    notes: tuple[str, ...] = ()
    schema: str = field(default=SCHEMA)

    @property
    def records(self) -> tuple[Record, ...]:
        """Return every record the report rests on."""
        return (self.sample, *self.events, *self.exposures, *self.sums, *self.regions, *self.others)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Return everything the checklist demands and nobody recorded."""
        return tuple(each for item in self.checklist for each in item.missing)

    def value(self, record_id: str, name: str) -> Value:
        """Return what a record states; several records may share an id, and the first that has the field answers."""
        for record in self.records:
            if record.id == record_id and name in record.fields:
                return record.fields[name]
        raise KeyError(f"{record_id} states no {name}")
