"""Leases that show whether the process that took them is still there."""

import hashlib
import os
import secrets
import socket
import threading
from pathlib import Path

_live: set[str] = set()
_lock = threading.Lock()


def _node() -> str:
    """Name this host's run: process numbers mean something only there."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    text = socket.gethostname() + (boot.read_text(encoding="ascii") if boot.exists() else "")
    return hashlib.sha256(text.encode()).hexdigest()[:12]


NODE = _node()


def take() -> str:
    """Make a token of this process."""
    token = f"{NODE}.{os.getpid()}.{secrets.token_hex(6)}"
    with _lock:
        _live.add(token)
    return token


def drop(token: str) -> None:
    """Say that the holder of a token is done."""
    with _lock:
        _live.discard(token)


def is_dead(token: str) -> bool:
    """Say whether the holder is certainly gone; holders on other hosts are judged by time alone."""
    node, _, rest = token.partition(".")
    if node != NODE:
        return False
    pid = int(rest.partition(".")[0])
    if pid == os.getpid():
        with _lock:
            return token not in _live
    return not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
