"""One HTTP connection with manners: it repeats what is safe to repeat and waits as long as it is told."""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from lithoscope.client.problems import Unreachable, document_of, problem_of

TRIES = 6
LONGEST_WAIT_S = 30.0
_TRY_AGAIN = frozenset({429, 502, 503, 504})
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "POST", "OPTIONS"})


class Connection:
    """
    Requests to one service.

    Parameters
    ----------
    url : str
        Address of the service, without ``/api/v1``.
    token : str
        ``lsk_...``; empty before the first sign-in.
    timeout_s : float
        How long to wait for an answer.
    sleep : callable
        Waits a number of seconds.
    """

    def __init__(
        self, url: str, token: str = "", *, timeout_s: float = 60.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.url = url.rstrip("/")
        headers = {"User-Agent": "lithoscope-client", **({"Authorization": f"Bearer {token}"} if token else {})}
        self._http = httpx.Client(
            base_url=self.url, headers=headers, timeout=httpx.Timeout(timeout_s, connect=10.0), follow_redirects=False
        )
        self.sleep = sleep
        self.shows_progress = True

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def shows(self, progress: bool | None) -> bool:  # noqa: FBT001 - the caller's own keyword
        """Say whether a bar is shown: as one call says, else as the client was told."""
        return self.shows_progress if progress is None else progress

    def get(self, path: str, **params: Any) -> Any:
        """Read a JSON document of the API."""
        given = {name: value for name, value in params.items() if value is not None}
        return document_of(self.send("GET", path, params=given or None))  # an empty query would drop a path's own

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Create something once, however often the network makes us ask; return the JSON answer."""
        response = self.send("POST", path, json=body if body is not None else {})
        return document_of(response) if response.content else None

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **content: Any) -> httpx.Response:
        """
        Send a request below ``/api/v1`` (or to an absolute path that starts there) until it is answered.

        A POST carries an Idempotency-Key, so that asking again does nothing twice.

        Raises
        ------
        Problem
            The service refuses.
        Unreachable
            It did not answer any of the tries.
        """
        headers = dict(headers or {})
        if method == "POST":
            headers.setdefault("Idempotency-Key", uuid.uuid4().hex)
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES or method not in _REPEATABLE
            try:
                response = self._http.request(method, full_path(path), headers=headers, **content)
            except httpx.TransportError as error:
                if last:
                    raise Unreachable(
                        f"{self.url} does not answer ({_reason(error)}): is the service running?"
                    ) from None
                self.sleep(back_off_s(attempt))
                continue
            if last or not _worth_repeating(response):
                break
            self.sleep(retry_after_s(response) or back_off_s(attempt))
        if response.is_error:
            raise problem_of(response)
        return response

    def once(self, method: str, path: str, *, headers: dict[str, str] | None = None, **content: Any) -> httpx.Response:
        """Send a request a single time and return the answer, whatever it is; for those who keep their own count."""
        try:
            return self._http.request(method, full_path(path), headers=headers, **content)
        except httpx.TransportError as error:
            raise Unreachable(f"{self.url} does not answer ({_reason(error)})") from None

    @contextmanager
    def stream(self, path: str, headers: dict[str, str] | None = None, **params: Any) -> Iterator[httpx.Response]:
        """Open an answer that is read piece by piece."""
        try:
            with self._http.stream("GET", full_path(path), headers=headers, params=params) as response:
                if response.is_error:
                    response.read()
                    raise problem_of(response)
                yield response
        except httpx.TransportError as error:
            raise Unreachable(f"{self.url} broke off ({_reason(error)})") from None

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Walk all rows of a list, page by page."""
        page = self.get(path, **params)
        yield from page["items"]
        while page.get("next"):
            page = self.get(page["next"])
            yield from page["items"]


def full_path(path: str) -> str:
    """Return the path under the API; a path the service gave (with ``/api/v1``) or a root page stays as it is."""
    return path if path.startswith(("/api/v1/", "/healthz", "/readyz")) else f"/api/v1{path}"


def back_off_s(attempt: int) -> float:
    """Return the wait after a failed attempt: doubling from 0.2 s, jittered so that many clients do not march."""
    return min(0.2 * 2.0 ** (attempt - 1), LONGEST_WAIT_S) * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


def retry_after_s(response: httpx.Response) -> float | None:
    """Return the wait the service asks for."""
    text = response.headers.get("retry-after", "")
    return min(float(text), LONGEST_WAIT_S) if text.isdecimal() else None


def _worth_repeating(response: httpx.Response) -> bool:
    return response.status_code in _TRY_AGAIN or (response.status_code == 409 and "retry-after" in response.headers)


def _reason(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
