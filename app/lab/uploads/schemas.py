"""What an upload looks like from outside."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from app.lab.schemas import Body, Stamped, Whole

UploadState = Literal["receiving", "verifying", "verified", "failed", "terminated", "expired"]


class NewUpload(Body):
    """What a sender says about a file before its bytes."""

    project_id: str
    sample_id: str | None
    filename: str
    size_bytes: Whole
    declared_sha256: str | None
    attributes: dict[str, Any]


class UploadOut(Stamped):
    """An upload; `dataset_id` appears when its bytes are verified."""

    project_id: str
    sample_id: str | None
    instrument_id: str | None
    filename: str
    attributes: dict[str, Any]
    size_bytes: int
    offset_bytes: int
    declared_sha256: str | None
    sha256: str | None
    state: UploadState
    problem: dict[str, Any] | None
    dataset_id: str | None
    root: str | None = Field(None, description="Of a file registered where it lies: the root it lies below")
    path: str | None = Field(None, description="Of a file registered where it lies: its path below the root")
    created_by: str
    expires_at: datetime
