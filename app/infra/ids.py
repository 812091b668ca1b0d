"""Identifiers: a type prefix and a UUIDv7, so they sort by time and say what they name."""

import os
import re
import time
import uuid

PREFIXES = frozenset({"usr", "key", "prj", "ins", "smp", "evt", "exp", "upl", "ds", "job", "res", "otc", "ses", "rul"})
_SHAPE = re.compile(r"^(?P<prefix>[a-z]{2,3})_[0-9a-f]{32}$")


def new_id(prefix: str) -> str:
    """Make a fresh identifier: 48 bits of Unix milliseconds, then random bits (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return f"{prefix}_{uuid.UUID(int=value).hex}"


def prefix_of(identifier: str) -> str | None:
    """Return the type prefix of a well-formed identifier, else None."""
    match = _SHAPE.match(identifier)
    return match["prefix"] if match and match["prefix"] in PREFIXES else None
