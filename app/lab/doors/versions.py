"""ETag and If-Match: a strong tag is the row's version."""

from typing import Annotated

from fastapi import Depends, Header, Response

from app.errors import PreconditionRequired, StaleVersion


def etag(response: Response, version: int) -> None:
    """Stamp an answer with the row's version."""
    response.headers["ETag"] = f'"{version}"'


def _if_match(if_match: Annotated[str | None, Header(description="ETag of the version to change")] = None) -> int:
    if if_match is None:
        raise PreconditionRequired
    text = if_match.strip().strip('"')
    if not text.isdecimal() or len(text) > 12:
        raise StaleVersion
    return int(text)


IfMatch = Annotated[int, Depends(_if_match)]
