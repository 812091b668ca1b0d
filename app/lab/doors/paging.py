"""Pages: opaque signed cursors, never an offset."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from app.errors import Invalid


@dataclass(frozen=True)
class Cursor:
    """Where a page starts and how long it is; lists run from new to old."""

    before: str | None
    limit: int


@dataclass(frozen=True)
class PageQuery:
    """The page a request asks for, and the address of the next."""

    request: Request
    cursor: Cursor

    def next(self, ids: list[str]) -> str | None:
        """Return the address of the page after these ids; None when they did not fill this one."""
        if len(ids) < self.cursor.limit:
            return None
        url = self.request.url.include_query_params(cursor=_sign(self.request, ids[-1]))
        return f"{url.path}?{url.query}"


def _signature(request: Request, last: str) -> str:
    key = request.app.state.signing_key
    return hmac.new(key, f"cursor:{request.url.path}:{last}".encode(), hashlib.sha256).hexdigest()[:20]


def _sign(request: Request, last: str) -> str:
    return base64.urlsafe_b64encode(f"{last}:{_signature(request, last)}".encode()).decode().rstrip("=")


def _page_query(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=500, description="Rows of a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=200, description="The cursor of `next`")] = None,
) -> PageQuery:
    if cursor is None:
        return PageQuery(request, Cursor(None, limit))
    try:
        last, _, signature = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().rpartition(":")
    except ValueError:
        last = signature = ""
    if not last or not hmac.compare_digest(signature.encode(), _signature(request, last).encode()):
        raise Invalid.field("/query/cursor", "Not a cursor of this list: start without one.")
    return PageQuery(request, Cursor(last, limit))


Paging = Annotated[PageQuery, Depends(_page_query)]
