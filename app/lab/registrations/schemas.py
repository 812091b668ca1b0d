"""What registering a file where it lies looks like from outside."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict

from app.infra.storage.groups import MOST_FILES
from app.lab.schemas import Body, ObjectId, Out, Sha256

ATTRIBUTE_CHARACTERS = 4096


def _path(value: str) -> str:
    """Keep a path as it is spelled on the disk, normalised or not."""
    if "\0" in value or any("\ud800" <= mark <= "\udfff" for mark in value):
        raise ValueError("a path holds characters that are UTF-8, and no NUL")
    return value


def _short(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value, ensure_ascii=False)) > ATTRIBUTE_CHARACTERS:
        raise ValueError(f"attributes have at most {ATTRIBUTE_CHARACTERS} characters")
    return value


RootName = Annotated[str, Strict(), Field(min_length=1, max_length=40, description="Name of a root of this facility")]
PlacePath = Annotated[
    str,
    Strict(),
    AfterValidator(_path),
    Field(min_length=1, max_length=1024, description="Path of the file, or of a folder, below the root, with /"),
]
MemberName = Annotated[str, Strict(), AfterValidator(_path), Field(min_length=1, max_length=255)]


class NewRegistration(Body):
    """A file on the facility's storage, or several that are one dataset, and what it shows."""

    project_id: ObjectId
    root: RootName
    path: PlacePath
    members: Annotated[list[MemberName], Field(min_length=1, max_length=MOST_FILES)] | None = Field(
        None,
        description="Names of the files in the folder, or beside the file, that are one dataset with it (`*` and `?` "
        "stand for any characters and for one); of a folder all its files when left out",
    )
    sample_id: ObjectId | None = None
    instrument_id: ObjectId | None = Field(None, description="What recorded it; a device's key says so by itself")
    sha256: Sha256 | None = Field(
        None, description="What its bytes must turn out to be, where that is known; of several files their archive's"
    )
    attributes: Annotated[dict[str, Any], Field(max_length=50), AfterValidator(_short)] = Field(default_factory=dict)


class RootOut(Out):
    """A root of the facility's storage that a project may register files of."""

    name: str
    is_reachable: bool = Field(description="Whether the service sees the folder now")
