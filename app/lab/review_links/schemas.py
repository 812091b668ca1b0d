"""What reviewers' links look like from outside, and what a reviewer is told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.lab.lineage.schemas import EdgeOut
from app.lab.results.schemas import ResultSummaryOut
from app.lab.schemas import Body, Name, ObjectId, Out, Whole

LONGEST_DAYS = 366
Reviewed = Literal["result", "sample", "publication"]
LinkState = Literal["active", "expired", "revoked"]


class NewReviewLink(Body):
    """A link to one result, sample or publication for people without an account."""

    target_id: ObjectId
    purpose: Annotated[Name, Field(max_length=200, description="For whom or what, such as the journal's name")]
    days: Annotated[Whole, Field(ge=1, le=LONGEST_DAYS, description="Days until it ends")] = 30


class ReviewLinkOut(Out):
    """A link without its text, which is kept nowhere; `looks` counts pages and documents that were opened by it."""

    id: str
    target_id: str
    kind: Reviewed
    project_id: str
    purpose: str
    state: LinkState
    created_by: str
    author: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    looks: int
    last_look_at: datetime | None


class MadeReviewLink(ReviewLinkOut):
    """A fresh link with its address, which is shown this once."""

    address: str


class ReviewedNode(Out):
    """A name in the lineage, without a way to the thing."""

    id: str
    kind: str
    label: str
    depth: int


class ReviewOut(Out):
    """What a reviewer may read: one thing, and the results that belong to it."""

    kind: Reviewed
    title: str
    purpose: str
    expires_at: datetime
    results: list[ResultSummaryOut]


class ReviewedResultOut(ResultSummaryOut):
    """A result with the whole account of how it was made, and the names of what it came from."""

    run_record: dict[str, Any]
    methods_paragraph: str
    lineage: list[ReviewedNode]
    edges: list[EdgeOut]
