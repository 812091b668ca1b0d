"""Growing series over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from app.lab.doors import CurrentActor, CurrentLab, Paging, etag, refuses, room_router
from app.lab.schemas import Page
from app.lab.series.repository import SeriesFilter
from app.lab.series.schemas import (
    NewPart,
    NewSeries,
    PartOut,
    SeriesAction,
    SeriesClosing,
    SeriesOut,
    SeriesRow,
    SeriesState,
)

router = room_router("series")
IdQuery = Annotated[str | None, Query(max_length=40)]


@router.post("/series", status_code=201, operation_id="beginSeries", responses=refuses(409))
def begin_series(new: NewSeries, actor: CurrentActor, lab: CurrentLab, response: Response) -> SeriesOut:
    """
    Begin a tilt series or slice stack whose parts arrive one by one and are processed as they do.

    An instrument's key begins those of its instrument; instead of an action it may name a rule that is on, which a
    person made. What the rule says then is run until the series ends, with the rights of who made that version.
    """
    series = lab.series.create(actor, new)
    response.headers["Location"] = f"/api/v1/series/{series.id}"
    etag(response, series.version)
    return lab.series_views.whole(series)


@router.get("/series", operation_id="listSeries", responses=refuses())
def list_series(
    actor: CurrentActor,
    lab: CurrentLab,
    page: Paging,
    project_id: IdQuery = None,
    sample_id: IdQuery = None,
    *,
    instrument_id: IdQuery = None,
    state: SeriesState | None = None,
) -> Page[SeriesRow]:
    """List growing and sealed series, newest first; an instrument's key sees those of its instrument."""
    wanted = SeriesFilter(sample_id, state, instrument_id)
    cut = page.cursor
    rows = lab.series.page(actor, project_id=project_id, wanted=wanted, before=cut.before, limit=cut.limit)
    return Page(items=lab.series_views.rows(rows), next=page.next([row.id for row in rows]))


@router.get("/series/{live_series_id}", operation_id="getSeries", responses=refuses())
def get_series(live_series_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> SeriesOut:
    """Return a series: its parts by state, what was stacked and made last, the dose so far."""
    series = lab.series.get(actor, live_series_id)
    etag(response, series.version)
    return lab.series_views.whole(series)


@router.post("/series/{live_series_id}/parts", status_code=201, operation_id="addSeriesPart", responses=refuses(409))
def add_part(live_series_id: str, new: NewPart, actor: CurrentActor, lab: CurrentLab, response: Response) -> PartOut:
    """
    Add a dataset as the part of a number; 200 with the same part when it is repeated.

    Its file need not be read yet. A part that was refused, rejected or deleted gives its number to the one that is
    sent in its place; any other keeps it (409).
    """
    part, is_new = lab.series.add_part(actor, live_series_id, new)
    if not is_new:
        response.status_code = 200
    return lab.series_views.part(lab.series.get(actor, live_series_id), part)


@router.get("/series/{live_series_id}/parts", operation_id="listSeriesParts", responses=refuses())
def list_parts(live_series_id: str, actor: CurrentActor, lab: CurrentLab, page: Paging) -> Page[PartOut]:
    """List the parts of a series, the one sent last first."""
    series = lab.series.get(actor, live_series_id)
    rows = lab.series.parts(actor, live_series_id, before=page.cursor.before, limit=page.cursor.limit)
    return Page(items=lab.series_views.parts(series, rows), next=page.next([part.id for part, _ in rows]))


@router.post("/series/{live_series_id}/closing", operation_id="closeSeries", responses=refuses(409))
def close_series(live_series_id: str, closing: SeriesClosing, actor: CurrentActor, lab: CurrentLab) -> SeriesOut:
    """
    Say how many parts the series has: once all are readable it is sealed, and its last reconstruction begins anew.

    Parts up to that number may still arrive. Closing a series that failed tries it again.
    """
    return lab.series_views.whole(lab.series.close(actor, live_series_id, closing))


@router.put("/series/{live_series_id}/action", operation_id="setSeriesAction", responses=refuses(409))
def set_action(live_series_id: str, action: SeriesAction, actor: CurrentActor, lab: CurrentLab) -> SeriesOut:
    """Say what is run as the series grows, from its next refresh on; it is started with your rights."""
    return lab.series_views.whole(lab.series.act(actor, live_series_id, action))


@router.delete("/series/{live_series_id}/action", operation_id="dropSeriesAction", responses=refuses(409))
def drop_action(live_series_id: str, actor: CurrentActor, lab: CurrentLab) -> SeriesOut:
    """Run nothing any more as the series grows; its parts are still stacked."""
    return lab.series_views.whole(lab.series.act(actor, live_series_id, None))
