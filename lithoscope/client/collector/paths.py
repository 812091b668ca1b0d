"""Paths as the system takes them, and whether somebody still holds a file."""

import os
from pathlib import Path

LONG_PATH = 240


def long_path(path: Path) -> Path:
    r"""Return a path that may be long: on Windows, ``\\?\`` lifts the limit of 260 characters."""
    text = str(path)
    if os.name != "nt" or len(text) < LONG_PATH or text.startswith("\\\\?\\"):
        return path
    text = os.path.abspath(text)  # noqa: PTH100 - resolve() would follow a mapped drive to its server
    return Path(f"\\\\?\\UNC\\{text[2:]}" if text.startswith("\\\\") else f"\\\\?\\{text}")


def is_held(path: Path) -> bool:
    """
    Say whether another program holds a file exclusively.

    On Windows a file that is open without sharing cannot be opened at all; elsewhere programs that care take a lock,
    which is tried here and let go at once. A share that knows no locks answers no.
    """
    try:
        with long_path(path).open("rb") as file:
            return os.name != "nt" and _is_locked(file.fileno())
    except PermissionError:
        if os.name == "nt":
            return True
        raise


def _is_locked(descriptor: int) -> bool:
    import fcntl  # not there on Windows

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
