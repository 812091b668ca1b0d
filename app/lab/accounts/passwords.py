"""Passwords: Argon2id, at most two hashes at once because each takes 64 MiB."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.errors import LabError

AT_ONCE = 2
WAITING = 16

_running = threading.BoundedSemaphore(AT_ONCE)
_admitted = threading.BoundedSemaphore(AT_ONCE + WAITING)
_argon2id = PasswordHash((Argon2Hasher(memory_cost=65536, time_cost=3, parallelism=4),))


class SignInBusy(LabError):
    """More people sign in at this moment than passwords can be checked for."""

    code, status, title = "sign-in-busy", 503, "Sign-in is busy"


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn; a long queue is refused so that it cannot take the threads of other requests."""
    if not _admitted.acquire(blocking=False):
        raise SignInBusy("Many people sign in just now: try again in a moment.", headers={"Retry-After": "2"})
    try:
        with _running:
            yield
    finally:
        _admitted.release()


def hash_password(password: str) -> str:
    """Hash a new password; never call it while a writing transaction is open."""
    with _turn():
        return _argon2id.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Compare a password with the hash kept; without one the same work is done and the answer is no."""
    with _turn():
        fits = _argon2id.verify(password, kept or _hash_of_nobody())
    return fits and kept is not None


@cache
def _hash_of_nobody() -> str:
    return _argon2id.hash("nobody")
