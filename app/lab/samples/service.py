"""What the facility does with samples; nobody commits here."""

from collections.abc import Callable
from datetime import datetime

from app.errors import Conflict, Invalid, NotFound, StaleVersion
from app.infra.clock import now
from app.infra.db.models import Sample
from app.infra.ids import new_id
from app.lab.access import Action, Actor, readable_projects, require
from app.lab.audit.service import AuditLog
from app.lab.lineage.service import LineageService
from app.lab.samples.repository import SampleFilter, SampleRepository
from app.lab.samples.schemas import FacetCount, NewSample, SampleChange, SampleFacets

MOST_BRANCHES = 2000  # samples of one answer about trees


class CodeTaken(Conflict):
    """Labels are unique in the facility and never reused."""

    code, title = "sample-code-taken", "The label is taken"


class SampleService:
    """
    Registers samples and finds them again.

    Parameters
    ----------
    on_change : callable
        Is told of each sample that is new or described anew: shelf-life clocks follow it.
    """

    def __init__(
        self,
        samples: SampleRepository,
        audit: AuditLog,
        lineage: LineageService,
        *,
        on_change: Callable[[Sample], None],
    ) -> None:
        self._samples = samples
        self._audit = audit
        self._lineage = lineage
        self._on_change = on_change

    def get(self, actor: Actor, sample_id: str, need: Action = Action.READ) -> Sample:
        """Return a sample the actor may act on; a foreign one is not found."""
        sample = self._samples.get(sample_id)
        if sample is None:
            raise NotFound
        require(actor, need, sample.project_id)
        return sample

    def create(self, actor: Actor, new: NewSample) -> Sample:
        """Register a sample, or the child of one."""
        require(actor, Action.REGISTER, new.project_id)
        if new.parent_id is not None:
            self._check_parent(new)
        made_at = now()
        code = new.code or self._free_code(made_at.year)
        if self._samples.has_code(code):
            raise CodeTaken("Another sample of the facility carries this label: choose another.")
        sample = Sample(
            **new.model_dump(exclude={"code"}),
            id=new_id("smp"),
            code=code,
            split_at=made_at if new.parent_id else None,
            created_by=actor.id,
            created_at=made_at,
        )
        self._samples.add(sample)
        if sample.parent_id is not None:
            self._lineage.link(sample.id, sample.parent_id, "wasDerivedFrom")
        self._audit.record(actor, "sample.create", sample.id, project_id=sample.project_id, code=code)
        self._on_change(sample)
        return sample

    def _free_code(self, year: int) -> str:
        """Return the next label nobody carries: a person may have written one of the service's form by hand."""
        while True:
            code = f"LS-{year}-{self._samples.next_number(year):04d}"
            if not self._samples.has_code(code):
                return code

    def _check_parent(self, new: NewSample) -> None:
        parent = self._samples.get(new.parent_id or "")
        if parent is None or parent.project_id != new.project_id:
            raise Invalid.field("/body/parent_id", "No such sample in this project: a child stays with its parent.")

    def change(self, actor: Actor, sample_id: str, version: int, change: SampleChange) -> Sample:
        """Change a sample's descriptive fields."""
        sample = self.get(actor, sample_id, need=Action.REGISTER)
        if sample.version != version:
            raise StaleVersion
        fields = change.model_dump(exclude_unset=True)
        if fields.get("name", "") is None:
            raise Invalid.field("/body/name", "A sample keeps a name: leave the field out to keep the present one.")
        before = {name: _plain(getattr(sample, name)) for name in fields}
        for name, value in fields.items():
            setattr(sample, name, value)
        self._samples.change(sample)
        after = {name: _plain(value) for name, value in fields.items()}
        self._audit.record(actor, "sample.change", sample.id, project_id=sample.project_id, before=before, after=after)
        self._on_change(sample)
        return sample

    def children(self, actor: Actor, sample_id: str) -> list[Sample]:
        """Return the samples split from one."""
        return self.children_of(self.get(actor, sample_id))

    def children_of(self, sample: Sample) -> list[Sample]:
        """Return the children of a sample another room was already given."""
        return self._samples.children(sample.id)

    def project_of(self, sample_id: str) -> str:
        """Return the project of a sample another room was already given."""
        sample = self._samples.get(sample_id)
        if sample is None:
            raise NotFound
        return sample.project_id

    def parent_of(self, sample: Sample) -> Sample:
        """Return the parent of a child another room was already given; both are of one project."""
        parent = self._samples.get(sample.parent_id or "")
        if parent is None:
            raise NotFound
        return parent

    def codes(self, actor: Actor, before: str | None, limit: int) -> list[Sample]:
        """Return samples for their labels: all a device needs to name what lies in its microscope."""
        projects = actor.project_ids if actor.kind == "device" else readable_projects(actor)
        return self._samples.page(projects, before, limit)

    def page(
        self,
        actor: Actor,
        *,
        wanted: SampleFilter | None = None,
        project_id: str | None = None,
        before: str | None,
        limit: int,
    ) -> list[Sample]:
        """Return the samples the actor may see and that are wanted, newest first."""
        wanted = wanted or SampleFilter(project_id=project_id)
        projects = readable_projects(actor, wanted.project_id)
        return self._samples.find(projects, wanted, now()).page(before, limit)

    def facets(self, actor: Actor, wanted: SampleFilter) -> SampleFacets:
        """Count the samples the actor may see and that are wanted, by every facet."""
        self._check_readable(actor, wanted.project_id)
        total, found = self._samples.find(readable_projects(actor), wanted, now()).tally()
        counts = {name: [FacetCount(value=value, count=count) for value, count in rows] for name, rows in found.items()}
        return SampleFacets(total=total, **counts)

    def _check_readable(self, actor: Actor, project_id: str | None) -> None:
        """Refuse a project the actor may not see, as every list does."""
        if project_id is not None:
            readable_projects(actor, project_id)

    def with_code(self, actor: Actor, code: str) -> Sample:
        """Return the sample that carries a label; a foreign one is not found."""
        sample = self._samples.with_code(code, readable_projects(actor))
        if sample is None:
            raise NotFound
        return sample

    def family(self, actor: Actor, sample_id: str) -> list[tuple[Sample, int]]:
        """Return everything that was split from a sample's first ancestor, that one first, each with its depth."""
        sample = self.get(actor, sample_id)
        return self._samples.below([self._samples.root_of(sample.id)], MOST_BRANCHES)

    def trees(self, actor: Actor, *, before: str | None, limit: int) -> list[tuple[Sample, int]]:
        """Return samples that were split from none, newest first, and below them what was split from them."""
        roots = self._samples.roots(readable_projects(actor), before, limit)
        return self._samples.below([root.id for root in roots], MOST_BRANCHES)


def _plain(value: object) -> object:
    """Write an instant as text, as the audit log keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value
