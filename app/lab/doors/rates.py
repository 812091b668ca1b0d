"""How often a credential may ask: a moving window of one second, told in RateLimit headers."""

import math
import time

from fastapi import FastAPI, Request
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from app.errors import LabError
from app.settings import Settings

PIECES_A_REQUEST = 10  # pieces of arrays cost little, and a viewer asks for many at once
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
        self.pieces = RateLimitItemPerSecond(PIECES_A_REQUEST * settings.requests_per_second)

    def take(self, item: RateLimitItem, *name: str) -> bool:
        """Count one act; False when the window is full."""
        try:
            return self._window.hit(item, *name)
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
    """Count a request for a piece of an array, of which ten times as many are answered."""
    _count(request, request.app.state.rates.pieces, "pieces", name)


def _count(request: Request, item: RateLimitItem, *name: str) -> None:
    rates: Rates = request.app.state.rates
    taken = rates.take(item, *name)
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
