"""Shelf-life clocks: computed from the history when asked for, kept as rows for the facility's deadlines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from app.errors import Invalid
from app.infra.clock import now
from app.infra.db.models import Sample, SampleClock
from app.lab.access import Actor, readable_projects
from app.lab.clocks.repository import ClockRepository, Place
from app.lab.custody.service import CustodyService
from app.lab.samples.service import SampleService
from lithoscope.rules.custody import Happening
from lithoscope.rules.shelf_life import Clock, ClockState, Specimen, clocks, state_of
from lithoscope.rules.shelf_tables import stable_materials, tables_digest
from lithoscope.rules.storage_loss import MeasuredLoss

Beams = Callable[[Sample], Sequence[Happening]]
Measured = Callable[[str, str | None, str], Sequence[MeasuredLoss]]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock of some sample of the facility, with its state at the moment it was asked for."""

    sample: Sample
    row: SampleClock
    state: ClockState

    @property
    def place(self) -> str:
        """Return where in the list it stands, as a cursor."""
        due_at = "" if self.row.due_at is None else self.row.due_at.isoformat()
        return f"{due_at}|{self.row.sample_id}|{self.row.clock}"


class ClockService:
    """
    Keeps the clocks of samples.

    Parameters
    ----------
    beams : callable
        Gives a sample's electron exposures as happenings: the first one after its preparation ends the imaging clock.
    measured : callable
        Gives the facility's own laws of loss for a material, an electrolyte and a project.
    """

    def __init__(
        self,
        rows: ClockRepository,
        samples: SampleService,
        custody: CustodyService,
        *,
        beams: Beams,
        measured: Measured,
    ) -> None:
        self._rows = rows
        self._samples = samples
        self._custody = custody
        self._beams = beams
        self._measured = measured

    def of_sample(self, actor: Actor, sample_id: str, at: datetime | None = None) -> list[Clock]:
        """Return the clocks of a sample at a moment (now when left out)."""
        return self._clocks(self._samples.get(actor, sample_id), at or now())

    def specimen(self, sample: Sample) -> Specimen:
        """Return what the clocks know of a sample; what it does not state itself is that of its ancestors."""
        found = Specimen(sample.material, sample.electrolyte, sample.prepared_at, sample.capacity_mAh_per_cm2)
        while sample.parent_id is not None:
            sample = self._samples.parent_of(sample)
            found = replace(
                found,
                electrolyte=found.electrolyte or sample.electrolyte,
                prepared_at=found.prepared_at or sample.prepared_at,
                capacity_mAh_per_cm2=found.capacity_mAh_per_cm2 or sample.capacity_mAh_per_cm2,
            )
        return found

    def deadlines(
        self,
        actor: Actor,
        *,
        project_id: str | None = None,
        states: frozenset[str] | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[Deadline]:
        """Return clocks that have a deadline, the earliest first, over all projects the actor may see."""
        at = now()
        place = None if after is None else _place(after)
        found = self._rows.deadlines(readable_projects(actor, project_id), states, at=at, after=place, limit=limit)
        return [Deadline(sample, row, _state(row, at)) for row, sample in found]

    def counts(
        self, actor: Actor, *, project_id: str | None = None, states: Sequence[str] = get_args(ClockState)
    ) -> dict[str, int]:
        """Count the clocks that have a deadline in each of these states."""
        return self._rows.states(now(), readable_projects(actor, project_id), states)

    def refresh(self, sample: Sample) -> None:
        """Write the clocks of a sample and of everything split from it anew: something they depend on has changed."""
        self._write(sample)
        for child in self._samples.children_of(sample):
            self.refresh(child)

    def _write(self, sample: Sample) -> None:
        moment = now()
        self._rows.replace(sample.id, [_row(sample, clock, moment) for clock in self._clocks(sample, moment)])

    def refresh_alike(self, project_id: str, material: str) -> None:
        """Write the clocks of a material in a project anew: its loss on storage was measured."""
        for sample in self._rows.alike(project_id, material):
            self.refresh(sample)

    def refresh_stale(self, limit: int) -> int:
        """Write clocks anew that other tables computed, or that nobody did yet; returns of how many samples."""
        stale = self._rows.stale(tables_digest(), limit)
        stale += self._rows.without(stable_materials(), limit - len(stale))
        for sample in stale:
            self._write(sample)
        return len(stale)

    def _clocks(self, sample: Sample, at: datetime) -> list[Clock]:
        specimen = self.specimen(sample)
        history = [*self._custody.happenings_of(sample), *self._beams(sample)]
        measured = self._measured(specimen.material, specimen.electrolyte, sample.project_id)
        return list(clocks(history, specimen=specimen, at=at, measured=measured))


def _row(sample: Sample, clock: Clock, at: datetime) -> SampleClock:
    return SampleClock(
        sample_id=sample.id,
        clock=clock.name,
        project_id=sample.project_id,
        verdict=clock.state if clock.is_final else None,
        started_at=clock.started_at,
        elapsed_s=clock.elapsed_s,
        is_running=clock.is_running,
        due_at=clock.due_at,
        overdue_at=clock.overdue_at,
        unknown_at=clock.unknown_at,
        record={
            "title": clock.title,
            "reason": clock.reason,
            "citation": clock.citation,
            "decided_by": list(clock.decided_by),
        },
        computed_at=at,
        tables_digest=tables_digest(),
    )


def _state(row: SampleClock, at: datetime) -> ClockState:
    """Return the state of a kept clock at a moment: the verdict, or what its moments say."""
    kept = Clock(
        row.clock,
        row.record["title"],
        state=row.verdict or "fresh",  # type: ignore[arg-type]  # the column holds what `_row` wrote
        reason=row.record["reason"],
        citation=row.record["citation"],
        is_final=row.verdict is not None,
        due_at=row.due_at,
        overdue_at=row.overdue_at,
        unknown_at=row.unknown_at,
    )
    return state_of(kept, at)


def _place(after: str) -> Place:
    due_at, sample_id, clock = after.split("|")
    try:
        return Place(datetime.fromisoformat(due_at), sample_id, clock)
    except ValueError as error:
        raise Invalid.field("/query/cursor", "Not a cursor of this list: start without one.") from error
