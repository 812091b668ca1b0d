"""Rows of samples, and what finds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, distinct, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from app.infra.db.ancestors import ANCESTORS
from app.infra.db.clock_states import is_in
from app.infra.db.counters import take_number
from app.infra.db.models import CustodyEvent, Sample, SampleClock, Tag
from app.infra.db.queries import contains_text, in_projects, page_before, page_of_projects, stands

CLOCK_STATES = ("overdue", "due", "unknown", "fresh")
"""The most pressing first."""
CLOCK_BITS = {state: 1 << number for number, state in enumerate(CLOCK_STATES)}
MOST_TAGS = 30  # the most frequent ones are offered
NOT_STATED = "none"
"""What asks for samples whose kind nobody stated."""


@dataclass(frozen=True, slots=True)
class SampleFilter:
    """
    What samples to find; a part left out asks for nothing.

    Parameters
    ----------
    text : str or None
        Within name or label.
    project_id, material, kind : str or None
        As stated; the kind "none" finds those without.
    clock : str or None
        State of any of their clocks.
    state : {"kept", "disposed"} or None
        Whether a disposal of theirs stands.
    tag : str or None
        A word that was put on them.
    """

    text: str | None = None
    project_id: str | None = None
    material: str | None = None
    kind: str | None = None
    clock: str | None = None
    state: str | None = None
    tag: str | None = None


Counts = list[tuple[str | None, int]]


@dataclass(frozen=True, slots=True)
class _Group:
    """Samples that give the same answers to every facet; there may be several clocks, or none."""

    answers: dict[str, tuple[str | None, ...]]
    count: int

    @classmethod
    def of(cls, row: Any) -> "_Group":
        project_id, material, kind, state, has, count = row
        clocks = tuple(name for name, bit in CLOCK_BITS.items() if int(has or 0) & bit)
        plain = {"project_id": (project_id,), "material": (material,), "kind": (kind,), "state": (state,)}
        return cls({**plain, "clock": clocks}, count)


class SampleFinder:
    """Queries of a search; one search."""

    def __init__(self, session: Session, projects: frozenset[str] | None, wanted: SampleFilter, at: datetime) -> None:
        self._session = session
        self._projects = projects
        self._at = at
        self._wanted = wanted
        self._conditions = {name: condition for name, condition in self._read(wanted) if condition is not None}

    def _read(self, wanted: SampleFilter) -> list[tuple[str, ColumnElement[bool] | None]]:
        kind = Sample.kind.is_(None) if wanted.kind == NOT_STATED else Sample.kind == wanted.kind
        disposed = Sample.id.in_(self._disposed())
        return [
            ("text", contains_text(wanted.text, Sample.name, Sample.code) if wanted.text else None),
            ("project_id", Sample.project_id == wanted.project_id if wanted.project_id else None),
            ("material", Sample.material == wanted.material if wanted.material else None),
            ("kind", kind if wanted.kind else None),
            ("clock", self._has_clock(wanted.clock) if wanted.clock else None),
            ("state", (disposed if wanted.state == "disposed" else ~disposed) if wanted.state else None),
            ("tag", Sample.id.in_(self._tagged(wanted.tag)) if wanted.tag else None),
        ]

    def _disposed(self) -> Any:
        return select(CustodyEvent.sample_id).where(CustodyEvent.type == "disposal", stands(CustodyEvent))

    def _tagged(self, tag: str) -> Any:
        return select(Tag.target_id).where(Tag.tag == tag)

    def _has_clock(self, state: str) -> ColumnElement[bool]:
        return exists().where(SampleClock.sample_id == Sample.id, self._state_of_clock() == state)

    def _state_of_clock(self) -> ColumnElement[str]:
        stated = case(*((is_in(state, self._at), state) for state in CLOCK_STATES), else_="unknown")
        return case((SampleClock.verdict.is_not(None), SampleClock.verdict), else_=stated)

    def page(self, before: str | None, limit: int) -> list[Sample]:
        """Return the samples found, newest first."""
        return list(self._session.scalars(page_before(self._found(select(Sample)), Sample, before, limit)))

    def _found(self, query: Any, *, but: str | None = None) -> Any:
        query = in_projects(query, Sample, self._projects)
        return query.where(*(condition for name, condition in self._conditions.items() if name != but))

    def tally(self) -> tuple[int, dict[str, Counts]]:
        """
        Count the samples found, and those of each facet's answers with the other facets as they are chosen.

        The rows are read once, grouped by every facet together: of ten thousand samples a few hundred groups remain.
        """
        groups = self._groups()
        total = sum(group.count for group in groups if self._fits(group))
        counted = {name: self._counted(name, groups) for name in ("project_id", "material", "kind", "clock", "state")}
        return total, {**counted, "tag": self._by_tag()}

    def _groups(self) -> list["_Group"]:
        bit = case(CLOCK_BITS, value=self._state_of_clock())
        has = func.sum(distinct(bit)).label("has")  # each state once, so that the sum names them; told once a clock
        clocks = select(SampleClock.sample_id, has).group_by(SampleClock.sample_id).subquery()
        disposed = case((Sample.id.in_(self._disposed()), "disposed"), else_="kept")
        shown = [Sample.project_id, Sample.material, Sample.kind, disposed, clocks.c.has]
        query = in_projects(select(*shown, func.count(Sample.id)), Sample, self._projects)
        query = query.outerjoin(clocks, clocks.c.sample_id == Sample.id).group_by(*shown)
        query = query.where(*(self._conditions[name] for name in ("text", "tag") if name in self._conditions))
        return [_Group.of(row) for row in self._session.execute(query)]

    def _fits(self, group: "_Group", *, but: str | None = None) -> bool:
        asked = {name: getattr(self._wanted, name) for name in ("project_id", "material", "kind", "clock", "state")}
        return all(
            name == but or value is None or (None if value == NOT_STATED else value) in group.answers[name]
            for name, value in asked.items()
        )

    def _counted(self, name: str, groups: list["_Group"]) -> Counts:
        found: dict[str | None, int] = {}
        for group in groups:
            if self._fits(group, but=name):
                for answer in group.answers[name]:
                    found[answer] = found.get(answer, 0) + group.count
        if name == "clock":
            return [(state, found[state]) for state in CLOCK_STATES if state in found]
        return sorted(found.items(), key=lambda item: (-item[1], item[0] or ""))

    def _by_tag(self) -> Counts:
        count = func.count(Sample.id)
        query = self._found(select(Tag.tag, count).join(Sample, Sample.id == Tag.target_id), but="tag")
        query = query.group_by(Tag.tag).order_by(count.desc(), Tag.tag).limit(MOST_TAGS)
        return [(tag, number) for tag, number in self._session.execute(query)]


class SampleRepository:
    """Queries of samples."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, sample_id: str) -> Sample | None:
        """Return a sample."""
        return self._session.get(Sample, sample_id)

    def has_code(self, code: str) -> bool:
        """Say whether a label is taken."""
        return self._session.scalar(select(Sample.id).where(Sample.code == code)) is not None

    def next_number(self, year: int) -> int:
        """Take the next label number of a year."""
        return take_number(self._session, f"sample-code-{year}")

    def add(self, sample: Sample) -> None:
        """Insert a sample."""
        self._session.add(sample)
        self._session.flush()

    def change(self, sample: Sample) -> None:
        """Write a changed sample under a new version."""
        sample.version += 1
        self._session.flush()

    def children(self, sample_id: str) -> list[Sample]:
        """Return the samples split from one."""
        return list(self._session.scalars(select(Sample).where(Sample.parent_id == sample_id).order_by(Sample.id)))

    def page(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[Sample]:
        """Return samples of these projects (None for all), newest first."""
        return list(
            self._session.scalars(page_of_projects(select(Sample), Sample, projects, before=before, limit=limit))
        )

    def find(self, projects: frozenset[str] | None, wanted: SampleFilter, at: datetime) -> SampleFinder:
        """Begin a search among samples of these projects (None for all)."""
        return SampleFinder(self._session, projects, wanted, at)

    def with_code(self, code: str, projects: frozenset[str] | None) -> Sample | None:
        """Return the sample of these projects (None for all) with a label."""
        return self._session.scalar(in_projects(select(Sample).where(Sample.code == code), Sample, projects))

    def roots(self, projects: frozenset[str] | None, before: str | None, limit: int) -> list[Sample]:
        """Return samples that were split from none, newest first."""
        query = in_projects(select(Sample).where(Sample.parent_id.is_(None)), Sample, projects)
        return list(self._session.scalars(page_before(query, Sample, before, limit)))

    def root_of(self, sample_id: str) -> str:
        """Return the first ancestor of a sample, itself where it has none."""
        *_, (root, _until, _depth) = self._session.execute(ANCESTORS, {"sample_id": sample_id})
        return str(root.id)

    def below(self, root_ids: Sequence[str], limit: int) -> list[tuple[Sample, int]]:
        """Return samples and all that was split from them, each with its depth, parents before children."""
        start = select(Sample.id.label("sample_id"), literal(0).label("depth")).where(Sample.id.in_(root_ids))
        line = start.cte("line", recursive=True)
        child = aliased(Sample)
        line = line.union_all(select(child.id, line.c.depth + 1).join(line, child.parent_id == line.c.sample_id))
        query = select(Sample, line.c.depth).join(line, line.c.sample_id == Sample.id)
        rows = self._session.execute(query.order_by(line.c.depth, Sample.id).limit(limit))
        return [(sample, depth) for sample, depth in rows]
