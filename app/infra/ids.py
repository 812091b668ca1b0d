"""Identifiers: a type prefix and a UUIDv7, so they sort by time and say what they name."""

import os
import re
import threading
import time
import uuid

PREFIXES = frozenset(
    {
        "usr",
        "key",
        "prj",
        "ins",
        "smp",
        "evt",
        "exp",
        "upl",
        "ds",
        "job",
        "run",
        "res",
        "otc",
        "ses",
        "rul",
        "rgn",
        "bmr",
        "bmc",
        "lim",
        "gcl",
        "tgs",
        "evl",
        "alm",
        "ald",
        "whk",
        "lbp",
        "pub",
        "nte",
        "tag",
        "rvl",
        "imp",
        "apr",
        "fir",
        "ser",
        "prt",
        "asm",
    }
)
_SHAPE = re.compile(r"^(?P<prefix>[a-z]{2,3})_[0-9a-f]{32}$")


class _Ticks:
    """Instants of 1/4096 ms that never repeat or run back within a process (RFC 9562, section 6.2, method 3)."""

    def __init__(self) -> None:
        self._last = 0
        self.renew()

    def renew(self) -> None:
        """Take a fresh lock: one that another thread held at a fork would stay held in the child."""
        self._lock = threading.Lock()

    def next(self) -> int:
        """Return the present instant, or the first one not given yet."""
        with self._lock:
            self._last = max(self._last + 1, (time.time_ns() << 12) // 1_000_000)
            return self._last


_ticks = _Ticks()
os.register_at_fork(after_in_child=_ticks.renew)


def new_id(prefix: str) -> str:
    """Make a fresh identifier: 60 bits of time, then random bits (RFC 9562, version 7)."""
    milliseconds, fraction = divmod(_ticks.next(), 4096)
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return f"{prefix}_{uuid.UUID(int=value).hex}"


def prefix_of(identifier: str) -> str | None:
    """Return the type prefix of a well-formed identifier, else None."""
    match = _SHAPE.match(identifier)
    return match["prefix"] if match and match["prefix"] in PREFIXES else None
