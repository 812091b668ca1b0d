"""The line of a sample: its ancestors, each with the moment up to which its history is the sample's own."""

from dataclasses import dataclass
from datetime import datetime

from app.infra.db.models import Sample


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A sample or an ancestor of it, and the moment up to which its history counts (None: all of it)."""

    sample: Sample
    until: datetime | None
    depth: int


@dataclass(frozen=True, slots=True)
class Line:
    """A sample and its ancestors up to the cell, the sample first."""

    steps: tuple[Ancestor, ...]

    @property
    def sample_ids(self) -> list[str]:
        """Return whose histories make up the sample's."""
        return [step.sample.id for step in self.steps]

    def counts(self, owner_id: str, moment: datetime) -> bool:
        """Say whether what met one of the line at a moment met the sample."""
        until = self.until(owner_id)
        return until is None or moment <= until

    def until(self, owner_id: str) -> datetime | None:
        """Return up to when the history of one of the line counts (None: all of it)."""
        return next(step.until for step in self.steps if step.sample.id == owner_id)

    def inherited_from(self, owner_id: str) -> str | None:
        """Return the ancestor a record is of; None when it is the sample's own."""
        return None if owner_id == self.steps[0].sample.id else owner_id
