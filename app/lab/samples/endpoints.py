"""Samples over HTTP."""

from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from app.lab.doors import CurrentActor, CurrentLab, IfMatch, etag, refuses, room_router
from app.lab.doors.paging import Paging
from app.lab.samples.repository import SampleFilter
from app.lab.samples.schemas import (
    ClockState,
    Material,
    NewSample,
    SampleBranch,
    SampleChange,
    SampleCode,
    SampleFacets,
    SampleKindName,
    SampleOut,
    Whereabouts,
)
from app.lab.schemas import Page

router = room_router("samples")


@router.post("/samples", status_code=201, operation_id="createSample", responses=refuses(409))
def create_sample(new: NewSample, actor: CurrentActor, lab: CurrentLab, response: Response) -> SampleOut:
    """Register a sample; with `parent_id` the child of one."""
    sample = lab.samples.create(actor, new)
    response.headers["Location"] = f"/api/v1/samples/{sample.id}"
    etag(response, sample.version)
    return SampleOut.model_validate(sample)


def _wanted(
    *,
    project_id: Annotated[str | None, Query(max_length=40)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Text in name or code")] = None,
    material: Annotated[Material | None, Query()] = None,
    kind: Annotated[SampleKindName | Literal["none"] | None, Query(description="none: not stated")] = None,
    clock: Annotated[ClockState | None, Query(description="State of any of its clocks")] = None,
    state: Annotated[Whereabouts | None, Query(description="disposed: a disposal stands")] = None,
    tag: Annotated[str | None, Query(max_length=40, description="A tag as it is kept: small letters")] = None,
) -> SampleFilter:
    chosen = {"material": material, "kind": kind, "clock": clock, "state": state, "tag": tag}
    return SampleFilter(text=q, project_id=project_id, **chosen)


Wanted = Annotated[SampleFilter, Depends(_wanted)]


@router.get("/samples", operation_id="listSamples", responses=refuses())
def list_samples(actor: CurrentActor, lab: CurrentLab, page: Paging, wanted: Wanted) -> Page[SampleOut]:
    """List samples, newest first."""
    rows = lab.samples.page(actor, wanted=wanted, before=page.cursor.before, limit=page.cursor.limit)
    return Page(items=[SampleOut.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/sample-facets", operation_id="countSamples", responses=refuses())
def count_samples(actor: CurrentActor, lab: CurrentLab, wanted: Wanted) -> SampleFacets:
    """Count the samples of a search by every facet: the answers another search may choose from."""
    return lab.samples.facets(actor, wanted)


@router.get("/sample-codes", operation_id="listSampleCodes", responses=refuses())
def list_sample_codes(actor: CurrentActor, lab: CurrentLab, page: Paging) -> Page[SampleCode]:
    """List labels of samples, newest first; a device key sees those of its projects."""
    rows = lab.samples.codes(actor, page.cursor.before, page.cursor.limit)
    return Page(items=[SampleCode.model_validate(row) for row in rows], next=page.next([row.id for row in rows]))


@router.get("/samples/{sample_id}", operation_id="getSample", responses=refuses())
def get_sample(sample_id: str, actor: CurrentActor, lab: CurrentLab, response: Response) -> SampleOut:
    """Return a sample."""
    sample = lab.samples.get(actor, sample_id)
    etag(response, sample.version)
    return SampleOut.model_validate(sample)


@router.patch("/samples/{sample_id}", operation_id="changeSample", responses=refuses(409, 412, 428))
def change_sample(
    sample_id: str, change: SampleChange, version: IfMatch, actor: CurrentActor, lab: CurrentLab, response: Response
) -> SampleOut:
    """Change a sample's descriptive fields."""
    sample = lab.samples.change(actor, sample_id, version, change)
    etag(response, sample.version)
    return SampleOut.model_validate(sample)


@router.get("/samples/{sample_id}/children", operation_id="listSampleChildren", responses=refuses())
def list_children(sample_id: str, actor: CurrentActor, lab: CurrentLab) -> Page[SampleOut]:
    """List the samples split from one."""
    return Page(items=[SampleOut.model_validate(row) for row in lab.samples.children(actor, sample_id)])


@router.get("/samples/{sample_id}/family", operation_id="listSampleFamily", responses=refuses())
def list_family(sample_id: str, actor: CurrentActor, lab: CurrentLab) -> list[SampleBranch]:
    """List everything that was split from a sample's first ancestor, parents before children."""
    rows = lab.samples.family(actor, sample_id)
    shown = {name for name in SampleBranch.model_fields if name != "depth"}
    return [SampleBranch(**{name: getattr(row, name) for name in shown}, depth=depth) for row, depth in rows]
