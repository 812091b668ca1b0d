"""The viewer's own page: volumes, images and tilt series of anything the visitor may read, in one physical frame."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated, Any, NamedTuple

from fastapi import Query
from fastapi.responses import HTMLResponse
from pydantic import StringConstraints

from app.errors import NotFound
from app.lab.jobs.offers import Offer, Wanted
from app.portal import words
from app.portal.methods import title_of
from app.portal.viewing import DRAWN, MOST_SHOWN, Shown, frames_of, is_drawn, titled, viewer_address
from app.portal.visit import CurrentVisit, Visit, portal_router
from lithoscope.methods import Port

router = portal_router()
VIEWED = Port("", ("volume", "labels", "image", "stack", "tilt_series"), tuple(sorted(DRAWN)))
Reference = Annotated[str, StringConstraints(max_length=240)]
References = Annotated[list[Reference], Query(max_length=MOST_SHOWN, description="`id/array`, words after an @")]
Sought = Annotated[str, Query(max_length=200, description="Of a file, sample or method, or an identifier")]


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


class Home(NamedTuple):
    """Page of what holds arrays, address of its arrays in the API, key of the tree they lie in."""

    page: str
    arrays: str
    tree: str | None


@router.get("/viewer")
def show_viewer(visit: CurrentVisit, show: References = [], find: Sought = "") -> HTMLResponse:  # noqa: B006 - FastAPI copies it
    """Show what the address names, and what may be added to it."""
    wanted = list(dict.fromkeys(filter(None, show)))
    items = [_named(visit, reference) for reference in wanted]
    titles = Counter(item.shown.summary["title"] for item in items)
    shown = [
        replace(
            each.shown, of=each.shown.of or each.thing if titles[each.shown.summary["title"]] > 1 else each.shown.of
        )
        for each in items
    ]
    return visit.page(
        "viewer/page.html",
        items=[(item, viewer_address(each for each in wanted if each != item.reference)) for item in items],
        wanted=wanted,
        undrawn=[item for item in items if not is_drawn(item.shown.summary)],
        frames=frames_of(shown, are_together=True, house=visit.lab.house),
        spectra=[],
        charts={},
        is_full=len(wanted) >= MOST_SHOWN,
        **_offers(visit, wanted, find),
    )


@router.get("/viewer/offers")
def find_offers(visit: CurrentVisit, show: References = [], find: Sought = "") -> HTMLResponse:  # noqa: B006 - FastAPI copies it
    """Show what may be added, narrowed to words."""
    return visit.page("viewer/offers.html", **_offers(visit, [*filter(None, show)], find))


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
        home = Home(f"/results/{result.id}", f"/api/v1/results/{result.id}/outputs", result.store_key)
        return _items(made, home, result.outputs)
    dataset = lab.datasets.get(actor, identifier)
    home = Home(f"/datasets/{dataset.id}", f"/api/v1/datasets/{dataset.id}/arrays", dataset.store_key)
    return _items(dataset.filename, home, dataset.arrays)


def _items(thing: str, home: Home, summaries: Sequence[dict[str, object]]) -> list[Item]:
    found = [
        Shown(f"{home.arrays}/{summary['name']}", titled(summary), beside=summaries, tree=home.tree)
        for summary in summaries
    ]
    return [Item(each.reference or "", thing, home.page, each) for each in found]


def _offers(visit: Visit, wanted: Sequence[str], find: str) -> dict[str, Any]:
    """Return what a search finds of all that can be cut, newest first, without what is shown already."""
    found = visit.lab.offers.fitting(visit.actor, VIEWED, Wanted(find.strip()))
    here = {reference.partition("@")[0] for reference in wanted}
    fitting = [each for each in found.items if each.reference not in here and is_drawn(each.summary)]
    groups = groupby(fitting, key=lambda offer: offer.stored.id)
    return {
        "offered": [
            (_told(group[0]), [_choice(each) for each in group]) for _, found in groups if (group := list(found))
        ],
        "has_more": found.has_more,
        "find": find,
    }


def _told(offer: Offer) -> str:
    """Say what holds an array."""
    stored = offer.stored
    of = f" of {stored.sample}" if stored.sample else ""
    name = title_of(stored.method) if stored.method else stored.filename
    return f"{name}{of}, {words.instant(stored.created_at)}"


def _choice(offer: Offer) -> tuple[str, Mapping[str, Any]]:
    return offer.reference, titled(offer.summary)
