"""The line to the service: when to try again, how fast to send, and what is wrong with it, in words."""

import random
from dataclasses import dataclass
from typing import NoReturn

import httpx

from lithoscope.client.collector.clock import Clock
from lithoscope.client.collector.journal import Journal
from lithoscope.client.connection import Connection
from lithoscope.client.problems import Problem, Unauthenticated, Unreachable, problem_of

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 120.0
LONGEST_ASKED_S = 3600.0  # a service that asks for more is asked again after this
PASSING = frozenset({408, 423, 425, 429, 460, 500, 502, 503, 504})
ALWAYS_THERE = frozenset({"/sample-codes", "/heartbeats", "/me"})
NOTE = "link"


class NotNow(Exception):
    """The service cannot be used now; everything waits."""


@dataclass(slots=True)
class _State:
    """How the line has been."""

    failures: int = 0
    retry_at: float = 0.0


class Link:
    """
    A connection with patience without end: 1 s doubling to 120 s with jitter, or as long as the service asks.

    Parameters
    ----------
    connection : Connection
        To the service; only its single tries are used.
    journal : Journal
        Where it says what is wrong.
    clock : Clock
        For the waits.
    """

    def __init__(self, connection: Connection, journal: Journal, clock: Clock) -> None:
        self.connection = connection
        self._journal = journal
        self._clock = clock
        self._state = _State()

    @property
    def is_open(self) -> bool:
        """Say whether it is time to try."""
        return self._clock.steady_s() >= self._state.retry_at

    @property
    def waits_s(self) -> float:
        """Return how long it waits yet."""
        return max(0.0, self._state.retry_at - self._clock.steady_s())

    def works(self) -> None:
        """Note that the service answered."""
        if self._state.failures:
            self._state = _State()
        if self._journal.noted(NOTE) is not None:
            self._journal.write("DELETE FROM note WHERE name = ?", NOTE)

    def wait(self, kind: str, words: str, asked_s: float | None = None) -> None:
        """Wait before the next try; the first moment of a trouble stays with it."""
        self._state.failures += 1
        doubled = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(self._state.failures - 1, 20))
        jittered = doubled * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
        wait_s = jittered if asked_s is None else min(LONGEST_ASKED_S, asked_s + jittered / 10)
        self._state.retry_at = self._clock.steady_s() + wait_s
        known = self._journal.noted(NOTE)
        if known is None or known["kind"] != kind:
            self._journal.note(NOTE, {"kind": kind, "words": words}, self._clock.wall_s())

    def wait_silently(self) -> None:
        """Wait without writing why: there is no room to write."""
        self._state.retry_at = self._clock.steady_s() + LONGEST_WAIT_S / 4

    def request(self, method: str, path: str, **content: object) -> httpx.Response:
        """
        Ask once.

        Raises
        ------
        NotNow
            The trouble is the line's or the service's, and passes.
        Problem
            The service refuses this one thing.
        """
        try:
            answer = self.connection.once(method, path, **content)  # type: ignore[arg-type]
        except Unreachable as error:
            self.wait("unreachable", str(error))
            raise NotNow from None
        if answer.is_error:
            if answer.status_code == 404 and path in ALWAYS_THERE:
                self._other_version()
            self.refused(problem_of(answer), asked_s(answer))
            raise problem_of(answer)
        self.works()
        return answer

    def _other_version(self) -> NoReturn:
        words = "this address does not speak this lithoscope's API: check `url`, or update the older of the two"
        self.wait("other-version", words)
        raise NotNow

    def refused(self, problem: Problem, asked: float | None = None) -> None:
        """Wait if a refusal is about the line, the key or the service as a whole; else it is the asker's."""
        if isinstance(problem, Unauthenticated):
            words = "the key does not work any more (revoked or ended): enrol this PC again on the instrument's page"
            self.wait("key-refused", words)
        elif problem.status in PASSING or (problem.status == 409 and asked is not None):
            self.wait("busy" if problem.status in {423, 429} else "service-failed", str(problem), asked)
        elif problem.status in {404, 405, 410, 426} and problem.document.get("type", "about:blank") == "about:blank":
            self._other_version()
        else:
            self.works()
            return
        raise NotNow from None


def asked_s(answer: httpx.Response) -> float | None:
    """Return the wait a service asks for, whatever its length."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None


class Throttle:
    """
    At most so many bytes a second, counted over the last few.

    Parameters
    ----------
    bytes_per_s : float or None
        None is no limit.
    clock : Clock
        Counts.
    """

    def __init__(self, bytes_per_s: float | None, clock: Clock) -> None:
        self._rate = bytes_per_s
        self._clock = clock
        self._free_at = clock.steady_s()

    @property
    def waits_s(self) -> float:
        """Return how long nothing may be sent yet."""
        return 0.0 if self._rate is None else max(0.0, self._free_at - self._clock.steady_s())

    def spend(self, count: int) -> None:
        """Count bytes that went out."""
        if self._rate is not None:
            self._free_at = max(self._free_at, self._clock.steady_s()) + count / self._rate
