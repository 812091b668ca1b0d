"""How often a credential may ask: a moving window of one second, told in RateLimit headers."""

import math
import threading
import time

from fastapi import FastAPI, Request
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from app.errors import LabError
from app.settings import Settings

PIECES_A_REQUEST = 10  # pieces of arrays cost little, and a viewer asks for many at once
MOST_BEGUN = 4096
FAILED_SIGN_INS = RateLimitItemPerMinute(5, 15)


class TooManyRequests(LabError):
    """The credential or address asked more often than it may."""

    code, status, title = "too-many-requests", 429, "Too many requests"


class TooManyFailures(LabError):
    """Sign-in is refused for a while after failures."""

    code, status, title = "too-many-failures", 429, "Too many failed sign-ins"


class Rates:
    """
    Counts of requests and failed sign-ins, in this process or in the Redis that `limits_url` names.

    While that Redis is away nobody is counted: losing it must not stop the service.
    """

    def __init__(self, settings: Settings) -> None:
        options = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5} if settings.limits_url else {}
        storage = storage_from_string(settings.limits_url or "memory://", wrap_exceptions=True, **options)
        self._window = MovingWindowRateLimiter(storage)
        self.requests = RateLimitItemPerSecond(settings.requests_per_second)
        self.begun = Begun()
        self.pieces = RateLimitItemPerSecond(PIECES_A_REQUEST * settings.requests_per_second)

    def take(self, item: RateLimitItem, *name: str, cost: int = 1) -> bool:
        """Count an act; False when the window is full."""
        try:
            return self._window.hit(item, *name, cost=cost)
        except StorageError:
            return True

    def is_full(self, item: RateLimitItem, *name: str) -> bool:
        """Say whether a further act would be refused."""
        try:
            return not self._window.test(item, *name)
        except StorageError:
            return False

    def left(self, item: RateLimitItem, *name: str) -> tuple[int, int]:
        """Return the acts left in the window and the whole seconds until it has room again."""
        try:
            stats = self._window.get_window_stats(item, *name)
        except StorageError:
            return item.amount, 1
        return max(int(stats.remaining), 0), max(math.ceil(stats.reset_time - time.time()), 1)


def install(app: FastAPI, settings: Settings) -> None:
    """Give the application its counters."""
    app.state.rates = Rates(settings)


def count(request: Request, name: str) -> None:
    """Count a request of a credential or an address; refuse it when there were too many."""
    _count(request, request.app.state.rates.requests, "requests", name)


def count_piece(request: Request, name: str) -> None:
    """
    Count a request for a piece of an array, of which ten times as many are answered.

    Ten are counted at once, so that counting does not take longer than a piece: the first of ten asks the counter, the
    others of the same second follow it.
    """
    rates: Rates = request.app.state.rates
    known = rates.begun.next(name)
    if known is not None:
        request.state.rate_headers = known
        return
    _count(request, rates.pieces, "pieces", name, cost=PIECES_A_REQUEST)
    rates.begun.begin(name, request.state.rate_headers)


class Begun:
    """Pieces that were counted before they are asked for, by credential."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, float, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, headers: dict[str, str]) -> None:
        """Let the pieces follow of which the first was counted just now."""
        until = time.monotonic() + 1.0
        with self._lock:
            if len(self._kept) >= MOST_BEGUN:
                self._kept.clear()
            self._kept[name] = (PIECES_A_REQUEST - 1, until, headers)

    def next(self, name: str) -> dict[str, str] | None:
        """Take one of them; None where none is left, or its second is over."""
        with self._lock:
            left, until, headers = self._kept.get(name, (0, 0.0, {}))
            if not left or until < time.monotonic():
                return None
            self._kept[name] = (left - 1, until, headers)
            return headers


def _count(request: Request, item: RateLimitItem, *name: str, cost: int = 1) -> None:
    rates: Rates = request.app.state.rates
    taken = rates.take(item, *name, cost=cost)
    remaining, reset_s = rates.left(item, *name)
    headers = {
        "RateLimit-Limit": str(item.amount),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(reset_s),
    }
    request.state.rate_headers = headers
    if not taken:
        raise TooManyRequests("Wait as Retry-After says, then go on.", headers={"Retry-After": str(reset_s)})


def address(request: Request) -> str:
    """Return the address a request comes from."""
    return request.client.host if request.client else "unknown"
