"""The viewer's own page: volumes, images and tilt series of anything the visitor may read, in one physical frame."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse
from pydantic import StringConstraints

from app.errors import NotFound
from app.lab.datasets.repository import DatasetFilter
from app.portal import words
from app.portal.methods import title_of
from app.portal.viewing import MOST_SHOWN, Shown, frames_of, is_drawn, titled, viewer_address
from app.portal.visit import CurrentVisit, Visit, portal_router

router = portal_router()
OFFERED = 40
Reference = Annotated[str, StringConstraints(max_length=240)]
References = Annotated[list[Reference], Query(max_length=MOST_SHOWN, description="`id/array`, words after an @")]


@dataclass(frozen=True)
class Item:
    """
    Something that is shown or offered.

    Parameters
    ----------
    reference : str
        Its part of the address.
    thing, address : str
        What holds it, in words, and that thing's page.
    shown : Shown
        The array.
    """

    reference: str
    thing: str
    address: str
    shown: Shown


@router.get("/viewer")
def show_viewer(visit: CurrentVisit, show: References = []) -> HTMLResponse:  # noqa: B006 - FastAPI copies it
    """Show what the address names, and what may be added to it."""
    wanted = list(dict.fromkeys(show))
    items = [_named(visit, reference) for reference in wanted]
    titles = Counter(item.shown.summary["title"] for item in items)
    shown = [
        replace(
            each.shown, of=each.shown.of or each.thing if titles[each.shown.summary["title"]] > 1 else each.shown.of
        )
        for each in items
    ]
    here = {item.shown.reference for item in items}
    offered = [item for item in _offered(visit) if item.shown.reference not in here]
    return visit.page(
        "viewer/page.html",
        items=[(item, viewer_address(each for each in wanted if each != item.reference)) for item in items],
        wanted=wanted,
        undrawn=[item for item in items if not is_drawn(item.shown.summary)],
        frames=frames_of(shown, are_together=True),
        spectra=[],
        charts={},
        offered=[(thing, list(group)) for thing, group in groupby(offered, key=lambda item: item.thing)],
        is_full=len(wanted) >= MOST_SHOWN,
    )


def _named(visit: Visit, reference: str) -> Item:
    """Find what a part of the address names; NotFound for what is not there or not for this visitor."""
    name, _, said = reference.partition("@")
    identifier, _, array = name.partition("/")
    found = next((item for item in _of(visit, identifier) if item.shown.reference == name and array), None)
    if found is None:
        raise NotFound
    return replace(found, reference=reference, shown=replace(found.shown, of=said))


def _of(visit: Visit, identifier: str) -> list[Item]:
    lab, actor = visit.lab, visit.actor
    if identifier.startswith("res_"):
        result = lab.results.get(actor, identifier)
        method, at = title_of(result.run_record.get("method")), words.instant(result.created_at)
        made = f"{method}, {at} ({words.short(identifier)})"
        return _items(made, f"/results/{result.id}", f"/api/v1/results/{result.id}/outputs", result.outputs)
    dataset = lab.datasets.get(actor, identifier)
    return _items(dataset.filename, f"/datasets/{dataset.id}", f"/api/v1/datasets/{dataset.id}/arrays", dataset.arrays)


def _items(thing: str, address: str, home: str, summaries: Sequence[dict[str, object]]) -> list[Item]:
    found = [Shown(f"{home}/{summary['name']}", titled(summary)) for summary in summaries]
    return [Item(each.reference or "", thing, address, each) for each in found]


def _offered(visit: Visit) -> list[Item]:
    """Return the newest arrays that can be cut, of results first."""
    lab, actor = visit.lab, visit.actor
    results = lab.results.page(actor, before=None, limit=OFFERED)
    datasets = lab.datasets.page(actor, wanted=DatasetFilter(state="readable"), limit=OFFERED)
    identifiers = [*(row.id for row in results), *(row.id for row in datasets)]
    items = [item for identifier in identifiers for item in _of(visit, identifier)]
    return [item for item in items if is_drawn(item.shown.summary)]
