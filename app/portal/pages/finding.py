"""Finding samples: by text and facets, or in the tree of what was split from what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from app.infra.db.models import Sample
from app.lab.doors.paging import Paging
from app.lab.samples.repository import NOT_STATED, SampleFilter
from app.lab.samples.schemas import SampleFacets
from app.portal import words
from app.portal.pages.projects import ALL
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
Text = Annotated[str | None, Query(max_length=200)]
Choice = Annotated[str | None, Query(max_length=40)]
FACETS = {
    "project_id": "Project",
    "material": "Material",
    "kind": "What it is",
    "clock": "Shelf life",
    "state": "Still there",
    "tag": "Tag",
}
STATES = {"kept": "Yes", "disposed": "Disposed of"}


def _wanted(
    *,
    q: Text = None,
    project_id: Choice = None,
    material: Choice = None,
    kind: Choice = None,
    clock: Choice = None,
    state: Choice = None,
    tag: Choice = None,
) -> SampleFilter:
    chosen = {"project_id": project_id, "material": material, "kind": kind, "clock": clock, "state": state, "tag": tag}
    return SampleFilter(text=q or None, **{name: value or None for name, value in chosen.items()})


Wanted = Annotated[SampleFilter, Depends(_wanted)]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a facet: choosing it leads to an address, choosing it again takes it back."""

    label: str
    count: int
    address: str
    is_chosen: bool


@dataclass(slots=True)
class Branch:
    """A sample with what was split from it."""

    sample: Sample
    parts: list["Branch"] = field(default_factory=list)


@router.get("/samples")
def list_samples(visit: CurrentVisit, page: Paging, wanted: Wanted) -> HTMLResponse:
    """Show the visitor's samples, newest first, with how many there are of each kind."""
    rows = visit.lab.samples.page(visit.actor, wanted=wanted, before=page.cursor.before, limit=page.cursor.limit)
    facets = visit.lab.samples.facets(visit.actor, wanted)
    shown = _facets(visit, wanted, facets)
    return visit.page(
        "samples/list.html",
        samples=rows,
        wanted=wanted,
        query=asked(wanted),
        facets=shown,
        facet_titles=FACETS,
        chosen=[(FACETS[name], answer) for name, answers in shown.items() for answer in answers if answer.is_chosen],
        total=facets.total,
        tags=visit.lab.annotations.tags_of([row.id for row in rows]),
        next=page.next([row.id for row in rows]),
    )


@router.get("/samples/tree")
def show_tree(visit: CurrentVisit, page: Paging) -> HTMLResponse:
    """Show samples below what they were split from, the newest first."""
    before, limit = page.cursor.before, page.cursor.limit
    trees = nested(visit.lab.samples.trees(visit.actor, before=before, limit=limit))
    return visit.page("samples/trees.html", trees=trees, next=page.next([tree.sample.id for tree in trees]))


def nested(rows: Iterable[tuple[Sample, int]]) -> list[Branch]:
    """Hang parts below what they were split from; roots come newest first."""
    branches: dict[str, Branch] = {}
    roots = []
    for sample, depth in rows:
        branch = branches[sample.id] = Branch(sample)
        if depth == 0:
            roots.append(branch)
        elif sample.parent_id in branches:
            branches[sample.parent_id].parts.append(branch)
    return sorted(roots, key=lambda root: root.sample.id, reverse=True)


def asked(wanted: SampleFilter) -> dict[str, str]:
    """Return a search as the parameters of its address."""
    named = {"q": wanted.text, **{name: getattr(wanted, name) for name in FACETS}}
    return {name: value for name, value in named.items() if value}


def _facets(visit: Visit, wanted: SampleFilter, facets: SampleFacets) -> dict[str, list[Answer]]:
    titles = {row.id: row.title for row in visit.lab.projects.page(visit.actor, None, ALL)}
    present = asked(wanted)
    found = {}
    for name in FACETS:
        counts = {row.value or NOT_STATED: row.count for row in getattr(facets, name)}
        if (chosen := present.get(name)) is not None:
            counts.setdefault(chosen, 0)
        found[name] = [_answer(name, value, count, present=present, titles=titles) for value, count in counts.items()]
    return {name: answers for name, answers in found.items() if _helps(answers)}


def _helps(answers: list[Answer]) -> bool:
    """Say whether choosing among these can narrow a search, or one is chosen."""
    return len(answers) > 1 or any(answer.is_chosen for answer in answers)


def _answer(name: str, value: str, count: int, *, present: Mapping[str, str], titles: Mapping[str, str]) -> Answer:
    is_chosen = present.get(name) == value
    others = {key: each for key, each in present.items() if key != name}
    address = urlencode(others if is_chosen else {**others, name: value})
    return Answer(_label(name, value, titles), count, f"/samples?{address}" if address else "/samples", is_chosen)


def _label(name: str, value: str, titles: Mapping[str, str]) -> str:
    match name:
        case "project_id":
            return titles.get(value, "another project")
        case "kind":
            return "Not stated" if value == NOT_STATED else words.kind_title(value)
        case "state":
            return STATES.get(value, value)
        case "tag":
            return value
        case _:
            return words.title(value)
